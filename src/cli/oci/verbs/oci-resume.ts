// `resume`: and they go on.

import { resumeRuntimeContainer } from "../../../10-containers/runtime/change.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "resume" }, argv);
  if (line) await resumeRuntimeContainer(globals.root, line.words[0]!);
  return 0;
}
