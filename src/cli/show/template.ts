// `--format '{{.Names}}'`: the part of Go's text/template that people use with Docker, read once and filled in for each
// container. The three halves are in template/: reading (lex, parse), filling in (execute), and what can be called.

import { execute, SHORT_CIRCUITS } from "./template/execute.ts";
import { FUNCTIONS, type TemplateFunction } from "./template/functions.ts";
import { parse } from "./template/parse.ts";

export { mapOf } from "./template/values.ts";

export type Filled = (data: unknown, functions?: Record<string, TemplateFunction>) => string;

const NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), ...SHORT_CIRCUITS]);

/** Reads a template. @throws UserError `template parsing error: …`, now or when it is filled in */
export function compileTemplate(source: string): Filled {
  const template = parse(source, NAMES);
  return (data, functions = FUNCTIONS) => execute(template, data, functions);
}
