// `volume prune`: volumes that no container has. Those that somebody has named stay, unless all are meant.

import type { Roots } from "../../10-containers/folders.ts";
import { pruneVolumes } from "../../10-containers/prune.ts";
import { readCommand } from "../flags/command.ts";
import type { Flag } from "../flags/flags.ts";
import { setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { isConfirmed, PRUNE_FLAGS, type PruneAsked, printPruned, pruneAsked } from "../show/prune-pieces.ts";

const ALL: Flag<PruneAsked> = [
  "-a, --all",
  "",
  "Remove all unused volumes, not just anonymous ones",
  setters<PruneAsked>().one("all", boolean),
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = pruneAsked();
  const flags = [["Options:", ALL, ...PRUNE_FLAGS] as const];
  const summary = "Remove unused local volumes";
  if (readCommand({ name: "volume prune", flags, asked, summary }, argv) === undefined) return 0;
  const which = asked.all ? "all" : "anonymous";
  const warning = `This will remove ${which} local volumes not used by at least one container.`;
  if (!(await isConfirmed(warning, asked.force))) return 0;
  printPruned([await pruneVolumes(roots, asked)]);
  return 0;
}
