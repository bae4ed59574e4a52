// A paused container's processes stand still, all at once, without noticing: the kernel's freezer (stage 04). Who is about
// to freeze one writes down first who he is: if he is killed on the way, or before he lets it go on, the next command
// finds that out and does so (settle.ts).

import { UserError } from "../01-syscalls/index.ts";
import { freezeContainer, thawContainer } from "./cgroup.ts";
import { type Container, locked, noteState, writeState } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import type { Roots } from "./folders.ts";
import { identify } from "./identity.ts";
import { settle } from "./settle.ts";

/** Throws UserError, as Docker words it, unless it is running and not paused yet. */
export async function pauseContainer(roots: Roots, id: string): Promise<void> {
  await locked(roots, id, async (container) => {
    await settle(container);
    const { status } = container.state;
    if (status === "paused") throw new UserError(`container ${id} is already paused`);
    if (status !== "running") throw new UserError(`container ${id} is not running`);
    await freeze(container, { pausedBy: undefined });
  });
}

export async function unpauseContainer(roots: Roots, id: string): Promise<void> {
  await locked(roots, id, async (container) => {
    await settle(container);
    if (container.state.status !== "paused") throw new UserError(`container ${id} is not paused`);
    await thaw(container);
  });
}

/** Lets nothing in the container happen while `work` does, if it runs at all. The caller holds its lock. */
export async function whilePaused<T>(container: Container, work: () => Promise<T>): Promise<T> {
  await settle(container);
  if (container.state.status !== "running") return work();
  await freeze(container, {});
  try {
    return await work();
  } finally {
    await thaw(container);
  }
}

/** `then`: whether it stays so when we are gone. */
async function freeze(container: Container, then: { pausedBy?: undefined }): Promise<void> {
  writeState(container, { pausedBy: identify(process.pid) });
  try {
    await freezeContainer(container);
    writeState(container, { status: "paused", ...then });
  } catch (error) {
    // A pause that can't be written down is none: nobody would know what to unpause.
    await thawContainer(container);
    noteState(container, { status: "running", pausedBy: undefined });
    throw error;
  }
  containerEvent(container, "pause");
}

async function thaw(container: Container): Promise<void> {
  await thawContainer(container);
  writeState(container, { status: "running", pausedBy: undefined });
  containerEvent(container, "unpause");
}
