// How Node finds and reads a student's module. It is TypeScript as it was saved: types are blanked out, so every line and
// column in an error is the student's own. And `mini-docker/01-syscalls` is the very instance that the engine uses,
// wherever the module lies. See node:module, "Customization Hooks"; this file is loaded by Node itself, beside the bundle.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/wasm-typescript";

const OURS = "mini-docker/";

interface Resolved {
  url: string;
  shortCircuit?: boolean;
}

interface Loaded {
  format: string;
  source: string;
  shortCircuit: boolean;
}

export function resolve<T>(specifier: string, context: unknown, next: (specifier: string, context: unknown) => T) {
  if (!specifier.startsWith(OURS)) return next(specifier, context);
  const found: Resolved = {
    url: new URL(`./${specifier.slice(OURS.length)}.mjs`, import.meta.url).href,
    shortCircuit: true,
  };
  return found;
}

export function load<T>(url: string, context: unknown, next: (url: string, context: unknown) => T) {
  if (!/^file:.*\.ts$/.test(url)) return next(url, context);
  const loaded: Loaded = { format: "module", source: withoutTypes(fileURLToPath(url)), shortCircuit: true };
  return loaded;
}

function withoutTypes(path: string): string {
  const source = readFileSync(path, "utf8");
  try {
    return transformSync(source, { mode: "strip-only", module: true, filename: path }).code;
  } catch (error) {
    throw isRefusal(error) ? new SyntaxError(sentence(path, source, error)) : error;
  }
}

/** What the transformer throws is no Error. */
interface Refusal {
  message: string;
  startLine?: number;
  startColumn?: number;
}

function isRefusal(error: unknown): error is Refusal {
  return typeof error === "object" && error !== null && "startLine" in error;
}

function sentence(path: string, source: string, { message, startLine = 1, startColumn = 0 }: Refusal): string {
  const line = source.split("\n")[startLine - 1] ?? "";
  return `${path}:${startLine}:${startColumn + 1}: ${message}\n${excerpt(line, startColumn)}`;
}

/** So much of a line is shown in any terminal without being broken, and then the mark below it stands where it should. */
const EXCERPT_COLUMNS = 64;

/** The line around a column, and below it a mark at that column. */
function excerpt(line: string, column: number): string {
  const from = Math.max(0, Math.min(column - EXCERPT_COLUMNS / 2, line.length - EXCERPT_COLUMNS));
  const shown = line.slice(from, from + EXCERPT_COLUMNS);
  return `${from > 0 ? `…${shown.slice(1)}` : shown}\n${" ".repeat(column - from)}^`;
}
