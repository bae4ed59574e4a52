// `create`: everything of a container but its program.

import { createRuntimeContainer } from "../../../10-containers/runtime/create.ts";
import { CREATE_FLAGS, createRequest, createUnasked } from "../create-flags.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = readOciLine({ name: "create", flags: [CREATE_FLAGS], unasked: createUnasked }, argv);
  const { asked, words } = (await line) ?? {};
  if (!asked || !words) return 0;
  await createRuntimeContainer(createRequest(asked, words[0]!, globals));
  return 0;
}
