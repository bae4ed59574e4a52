// .dockerignore: what of the context a build never sees. Each line is a pattern from the context's root; the last one that
// matches decides, and `!` takes back. A pattern that matches a folder covers all that is in it. Leading and trailing
// slashes mean nothing. See the Docker documentation, "dockerignore files", and Go's filepath.Match.

import { UserError } from "../01-syscalls/index.ts";
import { ignorePattern } from "./pattern.ts";

/** What becomes of a name: `look` is a folder that is left out itself, but may hold what isn't. */
export type Judgement = "take" | "leave" | "look";

export class Ignored {
  private readonly rules: { matches: RegExp; isException: boolean }[];
  private readonly hasExceptions: boolean;

  /** Throws UserError for a pattern that is none. */
  constructor(lines: string[]) {
    const patterns = lines.flatMap((line) => cleaned(line) ?? []);
    this.rules = patterns.map(({ text, isException }) => ({ matches: ruleOf(text), isException }));
    this.hasExceptions = this.rules.some(({ isException }) => isException);
  }

  static none = new Ignored([]);

  get isEmpty(): boolean {
    return this.rules.length === 0;
  }

  /** `path` has no slash at either end: `src/main.c`. */
  judge(path: string): Judgement {
    if (!this.isIgnored(path)) return "take";
    return this.hasExceptions ? "look" : "leave";
  }

  isIgnored(path: string): boolean {
    if (this.rules.length === 0) return false;
    const parents = path.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));
    const last = this.rules.findLast(({ matches }) => parents.some((parent) => matches.test(parent)));
    return last !== undefined && !last.isException;
  }
}

/** Undefined for a comment, and for a line that says nothing. */
function cleaned(line: string): { text: string; isException: boolean } | undefined {
  if (line.startsWith("#")) return undefined;
  const trimmed = line.trim();
  const isException = trimmed.startsWith("!");
  const text = clean(isException ? trimmed.slice(1).trim() : trimmed);
  if (trimmed === "" || text === ".") return undefined;
  if (text !== "") return { text, isException };
  throw new UserError(`illegal exclusion pattern: ${JSON.stringify(trimmed)}`);
}

/** Go's filepath.Clean, without the slash at the beginning. */
function clean(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return path === "" ? "" : names.join("/") || ".";
}

function ruleOf(pattern: string): RegExp {
  try {
    return ignorePattern(pattern);
  } catch (cause) {
    throw new UserError(`error checking context: syntax error in pattern ${JSON.stringify(pattern)}`, { cause });
  }
}
