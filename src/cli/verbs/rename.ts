// `rename`: the container keeps its id.

import { renameContainer } from "../../10-containers/change.ts";
import { findId } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const names = readCommand({ name: "rename", operands: ["<container>", "<new_name>"] }, argv);
  if (names === undefined) return 0;
  const [old = "", name = ""] = names;
  await renameContainer(roots, findId(roots, old), name);
  return 0;
}
