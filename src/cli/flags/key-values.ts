// Pairs on the command line and in files: `-e NAME=value`, `--env-file`, `-l key=value`, `--label-file`.
// A file has a pair a line, `#` for comments, and no quoting at all: what stands behind the first `=` is the value.
// See docker/cli, pkg/kvfile.

import { readFileSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import { reasonOf } from "../errors.ts";

export type Environment = Record<string, string | undefined>;

/** `NAME=value` as it is; a bare `NAME` with its value in `environment`, or still bare if it has none there. */
export function environmentVariable(text: string, environment: Environment = process.env): string {
  const name = text.split("=", 1)[0]!;
  if (name === "") throw new UserError(`invalid environment variable: ${text}`);
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  return text.includes("=") || value === undefined ? text : `${name}=${value}`;
}

/** `key` or `key=value` → [key, value] */
export function label(text: string): [key: string, value: string] {
  const [key, value] = splitPair(text.replace(/^[ \t]+/, ""));
  if (key === "") throw new UserError(`invalid label '${text}': empty name`);
  if (/[ \t]/.test(key)) throw new UserError(`label '${key}' contains whitespaces`);
  return [key, value];
}

export function splitPair(text: string): [key: string, value: string] {
  const [key = ""] = text.split("=", 1);
  return [key, text.slice(key.length + 1)];
}

/** The pairs of a file; bare names get their value from `environment`, or are left out. */
export function readPairs(path: string, environment: Environment): string[] {
  try {
    return parsePairs(readFileSync(path, "utf8"), environment);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`invalid env file (${path}): ${error.message}`);
    throw new UserError(`open ${path}: ${reasonOf(error)}`);
  }
}

function parsePairs(text: string, environment: Environment): string[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const pairs = lines.map((line) => line.trimStart()).filter((line) => line !== "" && !line.startsWith("#"));
  return pairs.map((pair) => checkedPair(pair, environment)).filter((pair) => pair.includes("="));
}

function checkedPair(pair: string, environment: Environment): string {
  const [name] = splitPair(pair);
  if (name === "") throw new UserError(`no variable name on line '${pair}'`);
  if (/[ \t]/.test(name)) throw new UserError(`variable '${name}' contains whitespaces`);
  return environmentVariable(pair, environment);
}
