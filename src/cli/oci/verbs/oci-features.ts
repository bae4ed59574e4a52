// `features`: what this runtime can do, as JSON.

import { features } from "../../../10-containers/runtime/features.ts";
import { writeAll } from "../../output.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

export async function verb(argv: string[], _globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "features", operands: [] }, argv);
  if (line) writeAll(1, `${JSON.stringify(features(), null, 2)}\n`);
  return 0;
}
