// `wait`: until they have ended, and how.

import { findId } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { waitForExit } from "../../10-containers/wait.ts";
import { allAtOnce } from "../each.ts";
import { readCommand } from "../flags/command.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const names = readCommand({ name: "wait", operands: ["<container...>"] }, argv);
  if (names === undefined) return 0;
  return allAtOnce(names, async (name) => String(await waitForExit(roots, findId(roots, name))));
}
