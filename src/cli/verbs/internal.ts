// What monitors call, not people.

import { UserError } from "../../01-syscalls/index.ts";
import { afterExit } from "../../10-containers/after-exit.ts";
import type { Roots } from "../../10-containers/folders.ts";

export async function verb([what, id = ""]: string[], roots: Roots): Promise<number> {
  if (what !== "on-exit") throw new UserError(`unknown command: mini-docker internal ${what}`);
  await afterExit(roots, id);
  return 0;
}
