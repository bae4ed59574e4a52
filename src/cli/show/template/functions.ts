// The functions a template may call: Go's own (`eq`, `len`, `index`, `printf`, …) and those Docker adds (`json`, `join`,
// `upper`, `truncate`, …). `and` and `or` are not among them, since they leave out what they need not look at.
// See https://pkg.go.dev/text/template, "Functions", and docker/cli, templates/templates.go.

import { isMap, isRecord, isTrue, json, print, typeName, type Value } from "./values.ts";

export type TemplateFunction = (...args: Value[]) => Value;

/** What a function refuses; the executor says where in the template. */
export class FunctionError extends Error {
  override name = "FunctionError";
}

export const FUNCTIONS: Record<string, TemplateFunction> = {
  // Docker's
  json,
  join: (list, separator) => elements(list).map(print).join(text(separator)),
  split: (given, separator) => text(given).split(text(separator)),
  upper: (given) => text(given).toUpperCase(),
  lower: (given) => text(given).toLowerCase(),
  title: (given) => text(given).replace(/(^|\s)\p{L}/gu, (first) => first.toUpperCase()),
  pad: (given, before, after) => {
    const source = text(given);
    return source === "" ? "" : " ".repeat(number(before)) + source + " ".repeat(number(after));
  },
  truncate: (given, length) => text(given).slice(0, number(length)),

  // Go's
  not: (value) => !isTrue(value),
  eq: (first, ...others) => others.some((other) => isEqual(first, other)),
  ne: (first, second) => !isEqual(first, second),
  lt: (first, second) => compare(first, second) < 0,
  le: (first, second) => compare(first, second) <= 0,
  gt: (first, second) => compare(first, second) > 0,
  ge: (first, second) => compare(first, second) >= 0,
  len: length,
  index: (list, ...keys) => keys.reduce(element, list),
  slice: (list, from = 0, to = length(list)) => (list as string | Value[]).slice(number(from), number(to)),
  print: printSpaced,
  println: (...values) => `${values.map(print).join(" ")}\n`,
  printf: (format, ...values) => printf(text(format), values),
  html: (...values) => escapeHtml(values.map(print).join("")),
  urlquery: (...values) => encodeURIComponent(values.map(print).join("")),
};

/** Beside a string Go's Print puts no space. */
function printSpaced(...values: Value[]): string {
  const isSpaced = (value: Value, before: Value) => typeof value !== "string" && typeof before !== "string";
  return values.map((value, i) => (i > 0 && isSpaced(value, values[i - 1]) ? " " : "") + print(value)).join("");
}

// ---- arguments

function text(value: Value): string {
  if (typeof value === "string") return value;
  throw new FunctionError(`wrong type for value; expected string; got ${typeName(value)}`);
}

function number(value: Value): number {
  if (typeof value === "number") return value;
  throw new FunctionError(`wrong type for value; expected int; got ${typeName(value)}`);
}

function elements(value: Value): Value[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (isMap(value)) return Object.values(value).map(print).sort();
  throw new FunctionError(`expected slice, got ${typeName(value)}`);
}

// ---- comparing, counting, looking up

function isEqual(first: Value, second: Value): boolean {
  if (typeof first !== typeof second) throw new FunctionError("incompatible types for comparison");
  return first === second;
}

function compare(first: Value, second: Value): number {
  if (typeof first !== typeof second) throw new FunctionError("incompatible types for comparison");
  const [one, other] = [first as string, second as string];
  return one < other ? -1 : one > other ? 1 : 0;
}

function length(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (isRecord(value)) return Object.keys(value).length;
  throw new FunctionError(`len of type ${typeName(value)}`);
}

function element(container: Value, key: Value): Value {
  if (isRecord(container)) return Object.hasOwn(container, text(key)) ? container[text(key)] : "";
  if (!Array.isArray(container) && typeof container !== "string") {
    throw new FunctionError(
      container == null ? "index of untyped nil" : `can't index item of type ${typeName(container)}`,
    );
  }
  const position = number(key);
  if (position < 0 || position >= container.length) throw new FunctionError(`index out of range: ${position}`);
  return container[position];
}

// ---- printf

const VERB = /%([-+ #0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g;

/** The verbs v, s, d, q, x, t, f with width and precision. */
function printf(format: string, values: Value[]): string {
  const rest = [...values];
  const printed = format.replace(
    VERB,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (rest.length === 0) return `%!${verb}(MISSING)`;
      return padded(formatted(verb, rest.shift(), precision), flags, Number(width));
    },
  );
  const extra = rest.map((value) => `${typeName(value)}=${print(value)}`).join(", ");
  return rest.length > 0 ? `${printed}%!(EXTRA ${extra})` : printed;
}

function formatted(verb: string, value: Value, precision: string | undefined): string {
  const shown = print(value);
  if (verb === "q") return JSON.stringify(shown);
  if (verb === "s" || verb === "v") return precision === undefined ? shown : shown.slice(0, Number(precision));
  if (typeof value === "number" && verb === "f") return value.toFixed(Number(precision ?? 6));
  if (typeof value === "number" && verb === "d") return shown;
  if (typeof value === "number" && /[xX]/.test(verb)) return value.toString(16);
  if (typeof value === "string" && verb === "x") return Buffer.from(value).toString("hex");
  if (typeof value === "boolean" && verb === "t") return shown;
  return `%!${verb}(${typeName(value)}=${shown})`;
}

function padded(shown: string, flags: string, width: number): string {
  if (flags.includes("-")) return shown.padEnd(width);
  return shown.padStart(width, flags.includes("0") ? "0" : " ");
}

const ENTITIES: Record<string, string> = { "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&#34;", "'": "&#39;" };

function escapeHtml(given: string): string {
  return given.replace(/[<>&"']/g, (character) => ENTITIES[character]!);
}
