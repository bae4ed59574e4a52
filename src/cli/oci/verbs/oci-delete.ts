// `delete`: takes away what `create` has made.

import { deleteRuntimeContainer } from "../../../10-containers/runtime/delete.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";
import { warner } from "../log.ts";

interface DeleteAsked {
  force: boolean;
}

const remove = setters<DeleteAsked>();

const FLAGS: FlagGroup<DeleteAsked> = [
  "Options:",
  ["-f, --force", "", "End it first, if it runs; one that isn't there is fine", remove.one("force", boolean)],
];

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "delete", flags: [FLAGS], unasked: () => ({ force: false }) }, argv);
  if (!line) return 0;
  await deleteRuntimeContainer(globals.root, line.words[0]!, { ...line.asked, onWarning: warner(globals) });
  return 0;
}
