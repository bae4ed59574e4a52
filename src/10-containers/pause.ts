// A paused container's processes stand still, all at once, without noticing: the kernel's freezer (stage 04).

import { UserError } from "../01-syscalls/index.ts";
import { freezeContainer, thawContainer } from "./cgroup.ts";
import { type Container, locked, writeState } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import type { Roots } from "./folders.ts";
import { settle } from "./settle.ts";

/** Throws UserError, as Docker words it, unless it is running and not paused yet. */
export async function pauseContainer(roots: Roots, id: string): Promise<void> {
  await locked(roots, id, async (container) => {
    await settle(container);
    const { status } = container.state;
    if (status === "paused") throw new UserError(`container ${id} is already paused`);
    if (status !== "running") throw new UserError(`container ${id} is not running`);
    await freezeContainer(container);
    await writePaused(container);
    containerEvent(container, "pause");
  });
}

/** A pause that can't be written down is none: nobody would know what to unpause. */
async function writePaused(container: Container): Promise<void> {
  try {
    writeState(container, { status: "paused" });
  } catch (error) {
    await thawContainer(container);
    throw error;
  }
}

export async function unpauseContainer(roots: Roots, id: string): Promise<void> {
  await locked(roots, id, async (container) => {
    await settle(container);
    if (container.state.status !== "paused") throw new UserError(`container ${id} is not paused`);
    await thawContainer(container);
    writeState(container, { status: "running" });
    containerEvent(container, "unpause");
  });
}
