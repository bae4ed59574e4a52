// `restart`: stopped, and started again.

import type { Roots } from "../../10-containers/folders.ts";
import { restartContainer } from "../../10-containers/restart.ts";
import { eachContainer } from "../each.ts";
import { readStop } from "../flags/stop-flags.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked = readStop("restart", argv);
  return asked === undefined
    ? 0
    : eachContainer(asked.names, roots, (id) => restartContainer(roots, id, asked.options));
}
