// `diff`: A for what was added, C for what was changed, D for what was deleted.

import type { Roots } from "../../10-containers/folders.ts";
import { containerChanges } from "../../10-containers/look/diff.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { readCommand } from "../flags/command.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const names = readCommand({ name: "diff", operands: ["<container>"] }, argv);
  if (names === undefined) return 0;
  const changes = containerChanges(await findSettled(roots, names[0]!));
  process.stdout.write(changes.map(({ kind, path }) => `${kind} ${path}\n`).join(""));
  return 0;
}
