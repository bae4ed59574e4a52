// The command a monitor runs when its container has ended and no `run` is waiting: this very program again.

import { realpathSync } from "node:fs";
import type { Roots } from "./folders.ts";

export function onExitCommand({ root, state }: Roots, id: string): string[] {
  return [process.execPath, entry(), "--root", root, "--state", state, "internal", "on-exit", id];
}

let path: string | undefined;

/** The CLI's file. A program that uses the engine as a library says where that is. */
function entry(): string {
  path ??= process.env.MINI_DOCKER_CLI ?? realpathSync(process.argv[1]!);
  return path;
}
