// `start`: the program of a created container begins.

import { startRuntimeContainer } from "../../../10-containers/runtime/start.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";
import { warner } from "../log.ts";

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "start" }, argv);
  if (line) await startRuntimeContainer(globals.root, line.words[0]!, warner(globals));
  return 0;
}
