// `pause`: all processes of a container stop where they stand.

import { pauseRuntimeContainer } from "../../../10-containers/runtime/change.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "pause" }, argv);
  if (line) await pauseRuntimeContainer(globals.root, line.words[0]!);
  return 0;
}
