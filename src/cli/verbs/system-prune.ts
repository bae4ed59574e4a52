// `system prune`: containers that have ended, then the images that nobody needs any more, then what builds have kept.

import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { pruneContainers, pruneImages } from "../../10-containers/prune.ts";
import { pruneBuilds } from "../../12-build/prune.ts";
import { readCommand } from "../flags/command.ts";
import { ALL, isConfirmed, PRUNE_FLAGS, printPruned, pruneAsked } from "../show/prune-pieces.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = pruneAsked();
  const flags = [["Options:", ALL, ...PRUNE_FLAGS] as const];
  const summary = "Remove unused data";
  if (readCommand({ name: "system prune", flags, asked, summary }, argv) === undefined) return 0;
  const images = asked.all ? "all images without at least one container associated to them" : "all dangling images";
  const warning = `This will remove:\n  - all stopped containers\n  - ${images}\n  - unused build cache\n`;
  if (!(await isConfirmed(warning, asked.force))) return 0;
  const pruned = [await pruneContainers(roots, asked), pruneImages(roots, asked)];
  printPruned(pruned, { moreBytes: pruneCache(roots, asked.filters.length > 0) });
  return 0;
}

/** It knows no labels, so whoever filters doesn't mean it. Somebody who builds goes on building. */
function pruneCache(roots: Roots, isFiltered: boolean): number {
  try {
    return isFiltered ? 0 : pruneBuilds(roots);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 0;
  }
}
