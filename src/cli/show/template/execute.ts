// Filling a template in: walks its tree with a dot (the value being looked at) and the variables in sight, and collects
// text. `{{with}}` and `{{range}}` move the dot; a branch's variables end with it, as scopes do.

import { executeError } from "./error.ts";
import { FUNCTIONS, FunctionError, type TemplateFunction } from "./functions.ts";
import type { BranchNode, Command, Node, Operand, Pipeline, Template } from "./parse.ts";
import { isMap, isRecord, isTrue, print, sortedEntries, typeName, type Value } from "./values.ts";

/** What a node sees. An inner scope shares its outer one's variables, so that assigning changes them there too. */
interface Scope {
  dot: Value;
  variables: Map<string, { value: Value }>;
}

/** What a template may call besides `functions`. */
export const SHORT_CIRCUITS = ["and", "or"];

/** @throws UserError `template parsing error: template: :1:2: executing "" at <.Nope>: …` */
export function execute(
  template: Template,
  data: Value,
  functions: Record<string, TemplateFunction> = FUNCTIONS,
): string {
  const executor = new Executor(template.source, functions);
  return executor.nodes(template.nodes, { dot: data, variables: new Map([["$", { value: data }]]) });
}

class Executor {
  private readonly source: string;
  private readonly functions: Record<string, TemplateFunction>;

  constructor(source: string, functions: Record<string, TemplateFunction>) {
    this.source = source;
    this.functions = functions;
  }

  nodes(nodes: Node[], scope: Scope): string {
    return nodes.map((node) => this.node(node, scope)).join("");
  }

  private node(node: Node, scope: Scope): string {
    if (node.kind === "text") return node.text;
    if (node.kind === "range") return this.range(node, scope);
    if (node.kind === "print") {
      const value = this.pipeline(node.pipeline, scope);
      return node.pipeline.variables.length > 0 ? "" : print(value);
    }
    const inner = { ...scope, variables: new Map(scope.variables) };
    const value = this.pipeline(node.pipeline, inner);
    if (!isTrue(value)) return this.nodes(node.otherwise, inner);
    return this.nodes(node.body, node.kind === "with" ? { ...inner, dot: value } : inner);
  }

  private range({ pipeline, body, otherwise }: BranchNode, scope: Scope): string {
    const entries = this.entries(this.commands(pipeline, scope), pipeline.commands[0]!);
    if (entries.length === 0) return this.nodes(otherwise, scope);
    return entries
      .map(([key, value]) => this.nodes(body, elementScope(scope, pipeline.variables, key, value)))
      .join("");
  }

  private entries(value: Value, { source, at }: Command): [Value, Value][] {
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.map((element, index) => [index, element]);
    if (isRecord(value)) return sortedEntries(value);
    if (typeof value === "number") return Array.from({ length: value }, (_, index) => [index, index]);
    throw executeError(this.source, at, source, `range can't iterate over ${print(value)}`);
  }

  // ---- pipelines

  private pipeline(pipeline: Pipeline, scope: Scope): Value {
    const value = this.commands(pipeline, scope);
    const [name] = pipeline.variables;
    if (name !== undefined && pipeline.isAssignment) scope.variables.get(name)!.value = value;
    else if (name !== undefined) scope.variables.set(name, { value });
    return value;
  }

  private commands({ commands }: Pipeline, scope: Scope): Value {
    const [first, ...rest] = commands;
    return rest.reduce((value, command) => this.command(command, scope, [value]), this.command(first!, scope, []));
  }

  /** `piped` is the result of the command before, if there is one: the last argument. */
  private command(command: Command, scope: Scope, piped: Value[]): Value {
    const [first, ...rest] = command.operands;
    const { head } = first!;
    if (head.kind !== "function") return this.callable(first!, rest, scope, piped, command);
    if (SHORT_CIRCUITS.includes(head.name)) return this.shortCircuit(head.name, rest, scope, piped);
    const args = [...rest.map((operand) => this.operand(operand, scope)), ...piped];
    return this.called(command, head.name, () => this.functions[head.name]!(...args));
  }

  /** A value by itself; with arguments it must be a method, such as `.Label "key"`. */
  private callable(first: Operand, rest: Operand[], scope: Scope, piped: Value[], command: Command): Value {
    const value = this.raw(first, scope);
    const args = [...rest.map((operand) => this.operand(operand, scope)), ...piped];
    if (typeof value === "function") return this.called(command, first.source, () => value(...args) as Value);
    if (args.length === 0) return value;
    throw executeError(this.source, command.at, command.source, `can't give argument to non-function ${first.source}`);
  }

  /** Stops at the first value that decides. */
  private shortCircuit(name: string, operands: Operand[], scope: Scope, piped: Value[]): Value {
    const isDecided = (value: Value) => isTrue(value) === (name === "or");
    let value: Value;
    for (const operand of operands) {
      value = this.operand(operand, scope);
      if (isDecided(value)) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  private called(command: Command, name: string, call: () => Value): Value {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      throw executeError(this.source, command.at, command.source, `error calling ${name}: ${error.message}`);
    }
  }

  // ---- operands

  private operand(operand: Operand, scope: Scope): Value {
    const value = this.raw(operand, scope);
    return typeof value === "function" ? (value() as Value) : value;
  }

  private raw(operand: Operand, scope: Scope): Value {
    return operand.fields.reduce((value: Value, name) => this.field(value, name, operand), this.head(operand, scope));
  }

  private head({ head, source, at }: Operand, scope: Scope): Value {
    if (head.kind === "dot") return scope.dot;
    if (head.kind === "literal") return head.value;
    if (head.kind === "pipeline") return this.pipeline(head.pipeline, scope);
    if (head.kind === "variable") return scope.variables.get(head.name)!.value;
    const called = this.functions[head.name] ?? (() => undefined);
    return this.called({ operands: [], source, at }, head.name, called);
  }

  private field(value: Value, name: string, { source, at }: Operand): Value {
    if (isRecord(value) && Object.hasOwn(value, name)) return value[name];
    if (isMap(value)) return undefined;
    if (isRecord(value))
      throw executeError(this.source, at, source, `map has no entry for key ${JSON.stringify(name)}`);
    const reason = value == null ? `nil data; no entry for key ${JSON.stringify(name)}` : undefined;
    throw executeError(this.source, at, source, reason ?? `can't evaluate field ${name} in type ${typeName(value)}`);
  }
}

/** The element is the dot; with one variable it has that name, with two the first is its key. */
function elementScope(scope: Scope, names: string[], key: Value, value: Value): Scope {
  const variables = new Map(scope.variables);
  const values = names.length === 2 ? [key, value] : [value];
  names.forEach((name, index) => {
    variables.set(name, { value: values[index] });
  });
  return { dot: value, variables };
}
