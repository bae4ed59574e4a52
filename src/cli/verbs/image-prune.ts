// `image prune`: images that no name leads to, or with -a all that no container uses.

import type { Roots } from "../../10-containers/folders.ts";
import { pruneImages } from "../../10-containers/prune.ts";
import { readCommand } from "../flags/command.ts";
import { ALL, isConfirmed, PRUNE_FLAGS, printPruned, pruneAsked } from "../show/prune-pieces.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = pruneAsked();
  const flags = [["Options:", ALL, ...PRUNE_FLAGS] as const];
  const summary = "Remove unused images";
  if (readCommand({ name: "image prune", flags, asked, summary }, argv) === undefined) return 0;
  const what = asked.all ? "all images without at least one container associated to them" : "all dangling images";
  if (!(await isConfirmed(`This will remove ${what}.`, asked.force))) return 0;
  printPruned([pruneImages(roots, asked)]);
  return 0;
}
