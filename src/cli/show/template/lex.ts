// The first half of reading a Go template: text is split at `{{` and `}}`, and what stands between is cut into tokens.
// `{{-` and `-}}` take the white space outside with them. See https://pkg.go.dev/text/template.

import { parseError } from "./error.ts";

export type TokenKind = "field" | "dot" | "variable" | "word" | "string" | "number" | "mark";

export interface Token {
  kind: TokenKind;
  /** As written, a string without its quotes and escapes, a field without its dot. */
  text: string;
  /** Where it stands in the template. */
  start: number;
  end: number;
}

export interface TextPiece {
  kind: "text";
  text: string;
}

export interface ActionPiece {
  kind: "action";
  tokens: Token[];
  /** Nothing but a comment. */
  isComment: boolean;
  /** Where `{{` stands, and where it goes on behind `}}`. */
  start: number;
  end: number;
}

export type Piece = TextPiece | ActionPiece;

/** @throws UserError for what never becomes a token */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let trimsLeft = false;
  for (;;) {
    const open = source.indexOf("{{", from);
    const text = source.slice(from, open < 0 ? undefined : open);
    const trimsRight = open >= 0 && /^\{\{-\s/.test(source.slice(open, open + 4));
    pieces.push({ kind: "text", text: trimmed(text, trimsLeft, trimsRight) });
    if (open < 0) return pieces;
    const action = lexAction(source, open, open + (trimsRight ? 3 : 2));
    pieces.push(action);
    from = action.end;
    trimsLeft = /-\}\}$/.test(source.slice(open, from));
  }
}

function trimmed(text: string, left: boolean, right: boolean): string {
  const start = left ? text.trimStart() : text;
  return right ? start.trimEnd() : start;
}

const CLOSE = /(?:\s+-)?\}\}/y;
const SKIPPED = /\s+|\/\*[\s\S]*?\*\//y;
/** In this order: `.5` is a number before it is a dot. */
const TOKENS: [TokenKind, RegExp][] = [
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'/y],
  ["number", /[+-]?(?:0x[\da-fA-F]+|\d+(?:\.\d+)?|\.\d+)/y],
  ["field", /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ["dot", /\./y],
  ["variable", /\$[\p{L}\p{N}_]*/uy],
  ["word", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["mark", /:=|[|(),=]/y],
];

function lexAction(source: string, start: number, from: number): ActionPiece {
  const tokens: Token[] = [];
  for (let at = from; ; ) {
    const close = match(CLOSE, source, at);
    if (close !== undefined) {
      const isComment = tokens.length === 0 && source.slice(from, at).includes("/*");
      return { kind: "action", tokens, isComment, start, end: at + close.length };
    }
    const skipped = match(SKIPPED, source, at);
    if (skipped === undefined) tokens.push(nextToken(source, start, at));
    at = skipped === undefined ? tokens.at(-1)!.end : at + skipped.length;
  }
}

function nextToken(source: string, open: number, at: number): Token {
  for (const [kind, pattern] of TOKENS) {
    const found = match(pattern, source, at);
    if (found !== undefined) return { kind, text: plain(kind, found), start: at, end: at + found.length };
  }
  throw parseError(source, open, whyNoToken(source.slice(at)));
}

function whyNoToken(rest: string): string {
  if (rest === "") return "unclosed action";
  if (/^["'`]/.test(rest)) return "unterminated quoted string";
  const character = String.fromCodePoint(rest.codePointAt(0)!);
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return `unrecognized character in action: U+${code} '${character}'`;
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

function plain(kind: TokenKind, text: string): string {
  if (kind === "field") return text.slice(1);
  if (kind !== "string") return text;
  return text.startsWith("`") ? text.slice(1, -1) : unescaped(text.slice(1, -1));
}

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

/** Go's escapes: `\n`, `\x41`, `\u00e9`, `\101`, and any other character for itself. */
function unescaped(text: string): string {
  return text.replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|[0-7]{3}|.)/g, (_, code: string) => {
    if (/^[xu]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    return ESCAPES[code] ?? code;
  });
}
