// What happens when a container's process has ended: its end is written down, and then it is started again, or taken
// away, or left. The monitor runs this (as `mini-docker internal on-exit`) when no `run` in the foreground does.

import { type Container, locked, noteState, writeState } from "./container.ts";
import type { Roots } from "./folders.ts";
import { identify } from "./identity.ts";
import { removeSettled } from "./removal.ts";
import { settle } from "./settle.ts";
import { startContainer } from "./start.ts";
import { ignoreGone } from "./stop.ts";

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
/** After a run of this length the next failure counts as the first. */
const GOOD_RUN_MS = 10_000;

/** Settles it and does what was asked for. A container that is gone by now is fine. */
export async function afterExit(roots: Roots, id: string): Promise<void> {
  const next = await locked(roots, id, decide).catch(ignoreGone);
  if (next !== undefined) await restartAfter(roots, id, next);
}

/** The delay until the next start, if there is to be one. */
async function decide(container: Container): Promise<number | undefined> {
  await settle(container);
  const { state, record } = container;
  if (state.status !== "exited") return undefined;
  if (record.options.remove) await removeSettled(container);
  if (record.options.remove || !wantsRestart(container)) return undefined;
  const ranMs = Date.parse(state.finishedAt) - Date.parse(state.startedAt);
  const restartCount = state.restartCount + 1;
  const monitor = identify(process.pid);
  writeState(container, { status: "restarting", restartCount, ...(monitor && { monitor }) });
  return ranMs > GOOD_RUN_MS
    ? FIRST_DELAY_MS
    : Math.min(FIRST_DELAY_MS * 2 ** Math.min(restartCount - 1, 20), LONGEST_DELAY_MS);
}

/** Docker's policies: a container that somebody stopped stays stopped. */
export function wantsRestart({ record, state }: Container): boolean {
  const { name, maximumRetryCount } = record.options.restart;
  if (state.stopRequested || name === "no") return false;
  if (name !== "on-failure") return true;
  return state.exitCode !== 0 && (maximumRetryCount === 0 || state.restartCount < maximumRetryCount);
}

async function restartAfter(roots: Roots, id: string, delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const failed = await locked(roots, id, async (container) => {
    // `stop`, `rm -f` or `start` may have come in between.
    if (container.state.status !== "restarting") return false;
    const { restartCount } = container.state;
    try {
      await startContainer(container);
    } catch {
      noteState(container, { status: "exited", restartCount });
      return true;
    }
    return false;
  }).catch(ignoreGone);
  if (failed) await afterExit(roots, id);
}
