// The second half of reading a Go template: tokens become a tree. Lines of text and `{{pipelines}}` are its leaves,
// `{{if}}`, `{{with}}` and `{{range}}` its branches, each with an `{{else}}` if it has one and closed by `{{end}}`.
// See https://pkg.go.dev/text/template, "Actions", "Pipelines", "Arguments".

import { parseError } from "./error.ts";
import { type ActionPiece, lex, type Piece, type Token } from "./lex.ts";

export type Node = { kind: "text"; text: string } | { kind: "print"; pipeline: Pipeline } | BranchNode;

export interface BranchNode {
  kind: "if" | "with" | "range";
  pipeline: Pipeline;
  body: Node[];
  /** What follows `{{else}}`. */
  otherwise: Node[];
}

/** Commands one behind the other: each one's result is the next one's last argument. */
export interface Pipeline {
  /** `$x := …` and `$x = …`; with range up to two, for the key and the element. */
  variables: string[];
  isAssignment: boolean;
  commands: Command[];
}

/** A function with its arguments, or one value by itself. */
export interface Command {
  operands: Operand[];
  source: string;
  at: number;
}

export interface Operand {
  head:
    | { kind: "dot" }
    | { kind: "variable"; name: string }
    | { kind: "function"; name: string }
    | { kind: "literal"; value: string | number | boolean | null }
    | { kind: "pipeline"; pipeline: Pipeline };
  /** `.Config.Env` behind it. */
  fields: string[];
  source: string;
  at: number;
}

export interface Template {
  source: string;
  nodes: Node[];
}

/** Reads `source`, which may call `functions`. @throws UserError `template parsing error: …` */
export function parse(source: string, functions: ReadonlySet<string>): Template {
  return { source, nodes: new Reader(source, functions).template() };
}

type Head = Operand["head"];

const LITERALS = new Map<string, boolean | null>(Object.entries({ true: true, false: false, nil: null }));

class Reader {
  private readonly source: string;
  private readonly functions: ReadonlySet<string>;
  private readonly pieces: Piece[];
  /** Of the action being read, those not read yet. */
  private tokens: Token[] = [];
  /** Those in sight. */
  private variables = ["$"];
  private last: Token = { kind: "mark", text: "", start: 0, end: 0 };
  private start = 0;

  constructor(source: string, functions: ReadonlySet<string>) {
    this.source = source;
    this.functions = functions;
    this.pieces = lex(source);
  }

  // ---- actions

  template(): Node[] {
    const nodes = this.nodes();
    const stray = this.tokens[0];
    return stray ? this.fail(`unexpected {{${stray.text}}}`) : nodes;
  }

  /** Up to `{{else}}` or `{{end}}`, which are left to be read, or to the end of the template. */
  private nodes(): Node[] {
    const nodes: Node[] = [];
    for (let piece = this.pieces.shift(); piece; piece = this.pieces.shift()) {
      if (piece.kind === "text") nodes.push(piece);
      else if (this.open(piece)) return nodes;
      else if (piece.tokens.length > 0 || !piece.isComment) nodes.push(this.node());
    }
    return nodes;
  }

  /** Whether the action closes a block. */
  private open({ tokens, start }: ActionPiece): boolean {
    [this.tokens, this.start] = [[...tokens], start];
    return this.isNext("word", "end") || this.isNext("word", "else");
  }

  private node(): Node {
    for (const kind of ["if", "with", "range"] as const) {
      if (this.take("word", kind)) return this.branch(kind);
    }
    return { kind: "print", pipeline: this.pipeline("command") };
  }

  private branch(kind: BranchNode["kind"]): Node {
    const outside = this.variables;
    const pipeline = this.pipeline(kind);
    const body = this.nodes();
    const otherwise = this.take("word", "end") ? [] : this.otherwise(kind);
    this.variables = outside;
    return { kind, pipeline, body, otherwise };
  }

  private otherwise(kind: BranchNode["kind"]): Node[] {
    if (!this.take("word", "else")) this.fail("unexpected EOF");
    // `{{else if …}}` is a branch of its own, and our `{{end}}` is its.
    if (kind !== "range" && this.take("word", kind)) return [this.branch(kind)];
    this.expectEnd("else");
    const nodes = this.nodes();
    if (!this.take("word", "end")) this.fail(this.tokens.length > 0 ? "unexpected {{else}}" : "unexpected EOF");
    return nodes;
  }

  // ---- pipelines

  private pipeline(context: string): Pipeline {
    const pipeline = this.commands(context);
    this.expectEnd(context);
    return pipeline;
  }

  private commands(context: string): Pipeline {
    const { variables, isAssignment } = this.declaration();
    const commands = [this.command(context)];
    while (this.take("mark", "|")) commands.push(this.command(context));
    if (isAssignment) this.checkVariable(variables[0]!);
    this.variables = [...this.variables, ...variables];
    return { variables, isAssignment, commands };
  }

  /** `$x :=`, `$x =` or `$key, $element :=`; a variable that is only used is left to be read. */
  private declaration(): { variables: string[]; isAssignment: boolean } {
    const [first, mark, second, late] = this.tokens;
    const isPair =
      first?.kind === "variable" && mark?.text === "," && second?.kind === "variable" && late?.text === ":=";
    if (isPair) {
      this.tokens.splice(0, 4);
      return { variables: [first.text, second.text], isAssignment: false };
    }
    const isOne = first?.kind === "variable" && mark?.kind === "mark" && /^:?=$/.test(mark.text);
    if (!isOne) return { variables: [], isAssignment: false };
    this.tokens.splice(0, 2);
    return { variables: [first.text], isAssignment: mark.text === "=" };
  }

  private command(context: string): Command {
    const operands: Operand[] = [];
    const at = this.tokens[0]?.start ?? this.last.end;
    while (this.tokens.length > 0 && !this.isNext("mark", "|") && !this.isNext("mark", ")")) {
      operands.push(this.operand());
    }
    if (operands.length === 0) this.fail(`missing value for ${context}`);
    return { operands, source: this.source.slice(at, this.last.end), at };
  }

  private operand(): Operand {
    const first = this.next();
    const head = this.head(first);
    const fields = first.kind === "field" ? [first] : [];
    while (this.tokens[0]?.kind === "field" && this.tokens[0].start === this.last.end) fields.push(this.next());
    // Go says of a chain of fields that it begins at its second.
    const at = (fields[1] ?? first).start;
    return { head, fields: fields.map(({ text }) => text), source: this.source.slice(first.start, this.last.end), at };
  }

  private head(token: Token): Head {
    const { kind, text } = token;
    if (kind === "field" || kind === "dot") return { kind: "dot" };
    if (kind === "variable") return { kind, name: this.checkVariable(text) };
    if (kind === "string") return { kind: "literal", value: text };
    if (kind === "number") return { kind: "literal", value: Number(text) };
    if (kind === "word") return this.word(text);
    if (text !== "(") return this.fail(`unexpected ${JSON.stringify(text)} in operand`);
    const pipeline = this.commands("parenthesized pipeline");
    if (!this.take("mark", ")")) this.fail("unclosed left paren");
    return { kind: "pipeline", pipeline };
  }

  private checkVariable(name: string): string {
    return this.variables.includes(name) ? name : this.fail(`undefined variable ${JSON.stringify(name)}`);
  }

  private word(text: string): Head {
    const literal = LITERALS.get(text);
    if (literal !== undefined) return { kind: "literal", value: literal };
    if (this.functions.has(text)) return { kind: "function", name: text };
    return this.fail(`function ${JSON.stringify(text)} not defined`);
  }

  // ---- tokens

  private next(): Token {
    this.last = this.tokens.shift()!;
    return this.last;
  }

  private isNext(kind: Token["kind"], text: string): boolean {
    return this.tokens[0]?.kind === kind && this.tokens[0].text === text;
  }

  private take(kind: Token["kind"], text: string): boolean {
    const isThere = this.isNext(kind, text);
    if (isThere) this.next();
    return isThere;
  }

  private expectEnd(context: string): void {
    const [stray] = this.tokens;
    if (stray) this.fail(`unexpected ${JSON.stringify(stray.text)} in ${context}`);
  }

  private fail(reason: string): never {
    throw parseError(this.source, this.start, reason);
  }
}
