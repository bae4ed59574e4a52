// Taking turns: a class on one machine checks at the same moment, and if all were to run at once each would take longer than
// a check may. So as many run as there are processors, and the others wait. A turn is a lock (flock(2)): it ends with
// whoever has it.

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../06-images/index.ts";
import { Lock } from "../10-containers/files.ts";
import type { Roots } from "../10-containers/folders.ts";

const POLL_MS = 50;

/** Waits for a turn; the caller closes it. Throws the signal's reason if that comes first. */
export async function takeTurn({ state }: Pick<Roots, "state">, signal: AbortSignal): Promise<Lock> {
  const folder = join(state, "turns");
  makeFolder(folder);
  for (;;) {
    signal.throwIfAborted();
    for (let index = 0; index < availableParallelism(); index++) {
      const turn = Lock.tryTake(join(folder, String(index)));
      if (turn) return turn;
    }
    await sleep(POLL_MS);
  }
}
