#!/usr/bin/env node
// The command line: which verb is meant, and how its error is said. A verb is one file, loaded when it is asked for,
// so that `run` does not pay for `stats`.

import { readFileSync } from "node:fs";
import { UserError } from "../01-syscalls/error.ts";
import { defaultRoots, type Roots } from "../10-containers/folders.ts";

/** A verb gets what follows its name and returns the exit code. */
export interface Verb {
  verb(argv: string[], roots: Roots): Promise<number>;
}

type Entry = [summary: string, load: () => Promise<Verb>];

/** In the order of a container's life. */
const VERBS: Record<string, Entry> = {
  run: ["Create and run a new container from an image", () => import("./run.ts")],
  exec: ["Execute a command in a running container", () => import("./exec.ts")],
  internal: ["", () => import("./internal.ts")],
};

export async function main(argv: string[]): Promise<number> {
  const { roots, rest, help, version } = readGlobals(argv);
  if (version) return printVersion();
  const [name, ...args] = rest;
  if (name === undefined || help) return printHelp(name === undefined && !help ? 1 : 0);
  const entry = VERBS[name];
  try {
    if (!entry) return unknownVerb(name);
    const { verb } = await entry[1]();
    return await verb(args, roots);
  } catch (error) {
    return await reported(error);
  }
}

/** Flags that come before the verb: where our two folders are. */
function readGlobals(argv: string[]) {
  const roots = defaultRoots();
  const rest = [...argv];
  let help = false;
  let version = false;
  while (rest[0]?.startsWith("-")) {
    const [flag, inline] = splitFlag(rest.shift()!);
    if (flag === "--root") roots.root = inline ?? rest.shift() ?? "";
    else if (flag === "--state") roots.state = inline ?? rest.shift() ?? "";
    else if (flag === "--version" || flag === "-v") version = true;
    else help = true;
  }
  return { roots, rest, help, version };
}

function splitFlag(word: string): [string, string | undefined] {
  const [flag = "", ...value] = word.split("=");
  return [flag, value.length > 0 ? value.join("=") : undefined];
}

function printVersion(): number {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.write(`mini-docker version ${version}\n`);
  return 0;
}

function printHelp(exitCode: number): number {
  const width = Math.max(...Object.keys(VERBS).map((name) => name.length));
  const shown = Object.entries(VERBS).filter(([, [summary]]) => summary !== "");
  const lines = shown.map(([name, [summary]]) => `  ${name.padEnd(width)}  ${summary}`);
  const text = `Usage:  mini-docker [--root DIR] [--state DIR] COMMAND

A container is a list of system calls. \`mini-docker run --explain\` prints it.

Commands:
${lines.join("\n")}

Run 'mini-docker COMMAND --help' for more information on a command.
`;
  (exitCode === 0 ? process.stdout : process.stderr).write(text);
  return exitCode;
}

function unknownVerb(name: string): never {
  throw new UserError(`unknown command: mini-docker ${name}`, { hint: "`mini-docker --help` lists them" });
}

async function reported(error: unknown): Promise<number> {
  const { report } = await import("./report.ts");
  return report(error);
}

process.exitCode = await main(process.argv.slice(2));
