// `network prune`: all networks that no container is on.

import type { Roots } from "../../10-containers/folders.ts";
import { pruneNetworks } from "../../10-containers/network/change.ts";
import { readCommand } from "../flags/command.ts";
import { isConfirmed, PRUNE_FLAGS, pruneAsked } from "../show/prune-pieces.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = pruneAsked();
  const flags = [["Options:", ...PRUNE_FLAGS] as const];
  const summary = "Remove all unused networks";
  if (readCommand({ name: "network prune", flags, asked, summary }, argv) === undefined) return 0;
  const warning = "This will remove all custom networks not used by at least one container.";
  if (!(await isConfirmed(warning, asked.force))) return 0;
  const names = await pruneNetworks(roots, asked.filters);
  if (names.length > 0) process.stdout.write(`Deleted Networks:\n${names.join("\n")}\n\n`);
  return 0;
}
