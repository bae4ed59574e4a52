// The command a monitor runs when its container has ended and no `run` is there to see to it: the CLI.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Roots } from "./folders.ts";

export function onExitCommand(roots: Roots, id: string): string[] {
  return [...commandLine(roots), "internal", "on-exit", id];
}

/** The command line, without a verb. `--` keeps node from reading flags that are meant for us. */
export function commandLine({ root, state }: Roots): string[] {
  return [process.execPath, "--", commandLineFile(), "--root", root, "--state", state];
}

/** For such a command: our own environment, as the program's first line would hand it on (cli/program.ts). */
export function commandEnvironment(): string[] {
  const { NODE_EXTRA_CA_CERTS: kept, ...env } = process.env;
  const all = { ...env, ...(kept !== undefined && { MINI_DOCKER_EXTRA_CA_CERTS: kept }) };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
}

/**
 * Beside this very file in the package, in `dist` of the source tree. Never process.argv[1]: that may be a program of
 * somebody else, who uses the engine, and each container's end would start it once more.
 */
function commandLineFile(): string {
  const places = ["./mini-docker.js", "../../dist/mini-docker.js"];
  const paths = places.map((place) => join(import.meta.dirname, place));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}
