// `prune`: containers that have ended, and then the images that nobody needs any more.

import type { Roots } from "../../10-containers/folders.ts";
import { pruneContainers, pruneImages } from "../../10-containers/prune.ts";
import { readCommand } from "../flags/command.ts";
import { ALL, isConfirmed, PRUNE_FLAGS, printPruned, pruneAsked } from "../show/prune-pieces.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = pruneAsked();
  const flags = [["Options:", ALL, ...PRUNE_FLAGS] as const];
  if (readCommand({ name: "prune", flags, asked }, argv) === undefined) return 0;
  const images = asked.all ? "all images without at least one container associated to them" : "all dangling images";
  if (!(await isConfirmed(`This will remove:\n  - all stopped containers\n  - ${images}\n`, asked.force))) return 0;
  const containers = await pruneContainers(roots, asked);
  printPruned([containers, pruneImages(roots, asked)]);
  return 0;
}
