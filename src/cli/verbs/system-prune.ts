// `system prune`: containers that have ended, with --volumes what they have left, then the images that nobody needs any
// more, then what builds have kept.

import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { pruneContainers, pruneImages, pruneVolumes } from "../../10-containers/prune.ts";
import { pruneBuilds } from "../../12-build/prune.ts";
import { readCommand } from "../flags/command.ts";
import { type Flag, type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { ALL, isConfirmed, PRUNE_FLAGS, type PruneAsked, printPruned, pruneAsked } from "../show/prune-pieces.ts";

interface Asked extends PruneAsked {
  volumes: boolean;
}

const VOLUMES: Flag<Asked> = ["--volumes", "", "Prune anonymous volumes", setters<Asked>().one("volumes", boolean)];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { ...pruneAsked(), volumes: false };
  const flags: FlagGroup<Asked>[] = [["Options:", ALL, ...PRUNE_FLAGS, VOLUMES]];
  const summary = "Remove unused data";
  if (readCommand({ name: "system prune", flags, asked, summary }, argv) === undefined) return 0;
  if (asked.volumes && asked.filters.some(([key]) => key === "until"))
    throw new UserError('ERROR: The "until" filter is not supported with "--volumes"');
  const images = asked.all ? "all images without at least one container associated to them" : "all dangling images";
  const volumes = asked.volumes ? "  - all anonymous volumes not used by at least one container\n" : "";
  const warning = `This will remove:\n  - all stopped containers\n${volumes}  - ${images}\n  - unused build cache\n`;
  if (!(await isConfirmed(warning, asked.force))) return 0;
  const pruned = [
    await pruneContainers(roots, asked),
    ...(asked.volumes ? [await pruneVolumes(roots, { ...asked, all: false })] : []),
    pruneImages(roots, asked),
  ];
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
