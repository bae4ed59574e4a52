// What monitors and the playground call, not people.

import { UserError } from "../../01-syscalls/index.ts";
import { afterExit } from "../../10-containers/after-exit.ts";
import type { Roots } from "../../10-containers/folders.ts";

export async function verb([what, ...words]: string[], roots: Roots): Promise<number> {
  if (what === "check") return (await import("../quiet-check.ts")).quietCheck(roots, words);
  if (what === "walk") return (await import("../walk-run.ts")).walkRun(roots, words);
  if (what === "resolver") return (await import("../../10-containers/network/serve-names.ts")).serveResolver(roots);
  if (what === "own-host") {
    (await import("../../10-containers/network/own-host-inside.ts")).doInOwnHost(roots, words);
    return 0;
  }
  if (what !== "on-exit") throw new UserError(`unknown command: mini-docker internal ${what}`);
  await afterExit(roots, words[0] ?? "");
  return 0;
}
