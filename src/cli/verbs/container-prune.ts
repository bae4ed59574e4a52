// `container prune`: all containers that have ended.

import type { Roots } from "../../10-containers/folders.ts";
import { pruneContainers } from "../../10-containers/prune.ts";
import { readCommand } from "../flags/command.ts";
import { isConfirmed, PRUNE_FLAGS, printPruned, pruneAsked } from "../show/prune-pieces.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = pruneAsked();
  const flags = [["Options:", ...PRUNE_FLAGS] as const];
  const summary = "Remove all stopped containers";
  if (readCommand({ name: "container prune", flags, asked, summary }, argv) === undefined) return 0;
  if (!(await isConfirmed("This will remove all stopped containers.", asked.force))) return 0;
  printPruned([await pruneContainers(roots, asked)]);
  return 0;
}
