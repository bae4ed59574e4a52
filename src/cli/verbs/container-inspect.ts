// `container inspect`: an image of that name is none.

import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type InspectLook, inspectObjects } from "../show/inspect-objects.ts";
import { FORMAT, SIZE } from "./inspect.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: InspectLook = { size: false, type: "container" };
  const flags = [["Options:", FORMAT, SIZE] as const];
  const summary = "Display detailed information on one or more containers";
  const line = { name: "container inspect", operands: ["<container...>"], flags, asked, summary };
  const names = readCommand(line, argv);
  return names === undefined ? 0 : inspectObjects(roots, names, asked);
}
