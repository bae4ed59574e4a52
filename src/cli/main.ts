// The command line: which verb is meant, and how its error is said.

import { resolve } from "node:path";
import { UserError } from "../01-syscalls/error.ts";
import { defaultRoots, type Roots } from "../10-containers/folders.ts";
import { callVerb, reported } from "./call-verb.ts";
import { type ImportModule, lendImport } from "./import-module.ts";
import { writeAll } from "./output.ts";
import { packageVersion } from "./package-version.ts";
import { VERBS, type VerbEntry } from "./verbs.ts";

/**
 * Does what the words say, and returns the exit code. `own` imports files that aren't ours; `atLast` is called where this
 * process is about to become another.
 */
export async function main(argv: string[], own?: ImportModule, atLast = () => {}): Promise<number> {
  if (own) lendImport(own);
  try {
    const { roots, rest, help, version } = readGlobals(argv);
    if (version) return printVersion();
    const [name, ...args] = rest;
    if (name === undefined || help) return await printHelp(help ? 0 : 1);
    const entry = (Object.hasOwn(VERBS, name) && VERBS[name]) || unknownVerb(name);
    if (process.getuid?.() !== 0 && !entry.oneIdDoes) return await withOwnIds(roots, rest, entry, atLast);
    return await callVerb(entry, args, roots);
  } catch (error) {
    return reported(error);
  }
}

/** With all ids that an ordinary user has, if he has more than one. */
async function withOwnIds(
  roots: Roots,
  [name = "", ...args]: string[],
  entry: VerbEntry,
  atLast: () => void,
): Promise<number> {
  const { manyIdsMap } = await import("../03-namespaces/subids.ts");
  const map = isForLab(args) ? undefined : manyIdsMap();
  if (!map) return callVerb(entry, args, roots);
  const { enterOwnIds, NoSuchIds } = await import("../10-containers/own-ids.ts");
  try {
    return await enterOwnIds(roots, map, [name, ...args], atLast);
  } catch (error) {
    if (!(error instanceof NoSuchIds)) throw error;
    writeAll(2, `WARNING: one id has to do: ${error.message}\n`);
    return callVerb(entry, args, roots);
  }
}

/** A student's module (`--with 02=FILE`) runs in a lab, which has one id. */
function isForLab(args: string[]): boolean {
  return / --with[= ]\d\d[\w-]*=/.test(` ${args.join(" ")}`);
}

export function isVerb(name: string): boolean {
  return Object.hasOwn(VERBS, name);
}

/** Flags that come before the verb: where our two folders are. */
function readGlobals(argv: string[]) {
  const roots = defaultRoots();
  const rest = [...argv];
  let help = false;
  let version = false;
  while (rest[0]?.startsWith("-")) {
    const [flag, inline] = splitFlag(rest.shift()!);
    if (flag === "--root") roots.root = folderOf(flag, inline ?? rest.shift());
    else if (flag === "--state") roots.state = folderOf(flag, inline ?? rest.shift());
    else if (flag === "--version" || flag === "-v") version = true;
    else if (flag === "--help" || flag === "-h") help = true;
    else throw new UserError(`unknown flag: ${flag}`, { hint: SEE_HELP, exitCode: WRONG_FLAG });
  }
  return { roots, rest, help, version };
}

function folderOf(flag: string, given: string | undefined): string {
  if (given) return resolve(given);
  throw new UserError(`flag needs an argument: ${flag}`, { hint: SEE_HELP, exitCode: WRONG_FLAG });
}

function splitFlag(word: string): [string, string | undefined] {
  const [flag = "", ...value] = word.split("=");
  return [flag, value.length > 0 ? value.join("=") : undefined];
}

function printVersion(): number {
  writeAll(1, `mini-docker version ${packageVersion()}\n`);
  return 0;
}

async function printHelp(exitCode: number): Promise<number> {
  const { mainHelp } = await import("./show/help.ts");
  (exitCode === 0 ? process.stdout : process.stderr).write(mainHelp());
  return exitCode;
}

function unknownVerb(name: string): never {
  throw new UserError(`unknown command: mini-docker ${name}`, { hint: SEE_HELP });
}

const SEE_HELP = "see 'mini-docker --help'";
const WRONG_FLAG = 125;
