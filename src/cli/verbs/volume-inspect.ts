// `volume inspect`: who a volume is, and where its files are.

import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type InspectLook, inspectObjects } from "../show/inspect-objects.ts";
import { FORMAT } from "./inspect.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: InspectLook = { size: false, type: "volume" };
  const flags = [["Options:", FORMAT] as const];
  const summary = "Display detailed information on one or more volumes";
  const names = readCommand({ name: "volume inspect", operands: ["<volume...>"], flags, asked, summary }, argv);
  return names === undefined ? 0 : inspectObjects(roots, names, asked);
}
