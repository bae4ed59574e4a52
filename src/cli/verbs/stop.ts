// `stop`: politely, and after a while not.

import type { Roots } from "../../10-containers/folders.ts";
import { stopContainer } from "../../10-containers/stop.ts";
import { eachContainer } from "../each.ts";
import { readStop } from "../flags/stop-flags.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = readStop("stop", argv);
  return asked === undefined ? 0 : eachContainer(asked.names, roots, (id) => stopContainer(roots, id, asked.options));
}
