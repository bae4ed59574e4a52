// `pause`: everything in the containers stands still.

import type { Roots } from "../../10-containers/folders.ts";
import { pauseContainer } from "../../10-containers/pause.ts";
import { eachContainer } from "../each.ts";
import { readCommand } from "../flags/command.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const names = readCommand({ name: "pause", operands: ["<container...>"] }, argv);
  return names === undefined ? 0 : eachContainer(names, roots, (id) => pauseContainer(roots, id));
}
