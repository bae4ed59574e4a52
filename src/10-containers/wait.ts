// Waiting for a container's end, from any process: its first process's disappearance is seen in /proc, and what the
// monitor recorded says how it was.

import { locked, readContainer } from "./container.ts";
import type { Roots } from "./folders.ts";
import { readExit, settle } from "./settle.ts";
import { ended, ignoreGone } from "./stop.ts";

/** The exit code; of a container that `--rm` took away meanwhile too. */
export async function waitForExit(roots: Roots, id: string): Promise<number> {
  let last = 0;
  for (;;) {
    const container = readContainer(roots, id);
    if (!container) return last;
    if (["created", "exited", "dead"].includes(container.state.status)) return container.state.exitCode;
    await ended(roots, id, Number.POSITIVE_INFINITY);
    last = readExit(container.folder.exit)?.exitCode ?? last;
    await locked(roots, id, settle).catch(ignoreGone);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
