// `unpause`: and goes on.

import type { Roots } from "../../10-containers/folders.ts";
import { unpauseContainer } from "../../10-containers/pause.ts";
import { eachContainer } from "../each.ts";
import { readCommand } from "../flags/command.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const names = readCommand({ name: "unpause", operands: ["<container...>"] }, argv);
  return names === undefined ? 0 : eachContainer(names, roots, (id) => unpauseContainer(roots, id));
}
