// The command line: which verb is meant, and how its error is said.

import { resolve } from "node:path";
import { UserError } from "../01-syscalls/error.ts";
import { defaultRoots } from "../10-containers/folders.ts";
import { callVerb, reported } from "./call-verb.ts";
import { type ImportModule, lendImport } from "./import-module.ts";
import { writeAll } from "./output.ts";
import { packageVersion } from "./package-version.ts";
import { VERBS } from "./verbs.ts";

/** Does what the words say, and returns the exit code. `own` imports files that aren't ours. */
export async function main(argv: string[], own?: ImportModule): Promise<number> {
  if (own) lendImport(own);
  try {
    const { roots, rest, help, version } = readGlobals(argv);
    if (version) return printVersion();
    const [name, ...args] = rest;
    if (name === undefined || help) return await printHelp(help ? 0 : 1);
    return await callVerb((Object.hasOwn(VERBS, name) && VERBS[name]) || unknownVerb(name), args, roots);
  } catch (error) {
    return reported(error);
  }
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
