// `start` and `restart` of a container that exists.

import { type Launched, UserError } from "../01-syscalls/index.ts";
import { locked, writeState } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import type { Roots } from "./folders.ts";
import { settle } from "./settle.ts";
import { type StartOptions, startContainer } from "./start.ts";
import { type StopOptions, stopContainer } from "./stop.ts";

/** Starts it unless it runs already; undefined if it did. Throws UserError for a paused one, StartError. */
export async function startExisting(
  roots: Roots,
  id: string,
  options: StartOptions = {},
): Promise<Launched | undefined> {
  return locked(roots, id, async (container) => {
    await settle(container);
    const { status, restartCount } = container.state;
    if (status === "paused") throw new UserError("cannot start a paused container, try unpause instead");
    if (status === "running") return undefined;
    if (restartCount > 0) writeState(container, { restartCount: 0 });
    return startContainer(container, options);
  });
}

export async function restartContainer(roots: Roots, id: string, options: StopOptions = {}): Promise<void> {
  await stopContainer(roots, id, options);
  const container = await startExisting(roots, id).then(() => locked(roots, id, (found) => found));
  containerEvent(container, "restart");
}
