// `image inspect`: a container of that name is none.

import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { platformFlag } from "../flags/platform-flag.ts";
import { type InspectLook, inspectObjects } from "../show/inspect-objects.ts";
import { FORMAT } from "./inspect.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: InspectLook = { size: false, type: "image" };
  const flags = [["Options:", FORMAT, platformFlag("Inspect a specific platform of the image")] as const];
  const summary = "Display detailed information on one or more images";
  const names = readCommand({ name: "image inspect", operands: ["<image...>"], flags, asked, summary }, argv);
  return names === undefined ? 0 : inspectObjects(roots, names, asked);
}
