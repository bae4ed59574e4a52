// Taking a container away, in the reverse order of making it: processes, group, folders, name.

import { UserError } from "../01-syscalls/index.ts";
import { cleanGroupNamed } from "./cgroup.ts";
import { locked, namesOf, noteState, UnreadableContainer } from "./container.ts";
import { containerFolder, type Roots } from "./folders.ts";
import { isAlive } from "./identity.ts";
import { giveBackAll } from "./network/plug.ts";
import { deleteFolders, leaveIfLast, removeSettled } from "./removal.ts";
import { settleOrRemove } from "./settle.ts";
import { ignoreGone, killForGood } from "./stop.ts";

export interface RemoveOptions {
  /** Also a running one. */
  force?: boolean;
  /** And the volumes that it has and nobody has named. */
  volumes?: boolean;
}

/** `rm`. Throws UserError for a running one unless `force`, and for one that is not there. */
export async function removeContainer(roots: Roots, id: string, options: RemoveOptions = {}): Promise<void> {
  const { force = false, volumes = false } = options;
  if (!force) return removeStopped(roots, id, volumes);
  try {
    await killIfRunning(roots, id);
    // Of one with `--rm` the end itself is the end.
    await removeStopped(roots, id, volumes).catch(ignoreGone);
  } catch (error) {
    if (!(error instanceof UnreadableContainer)) throw error;
    await removeUnreadable(roots, id);
  }
}

function removeStopped(roots: Roots, id: string, volumes: boolean): Promise<void> {
  return locked(roots, id, async (container) => {
    if (!(await settleOrRemove(container))) return;
    const { name } = container.record;
    if (isAlive(container.state.process)) throw new UserError(REFUSAL(name, container.state.status));
    await removeSettled(container, volumes);
  });
}

const REFUSAL = (name: string, status: string): string =>
  `cannot remove container "${name}": container is ${status}: stop the container before removing or force remove`;

async function killIfRunning(roots: Roots, id: string): Promise<void> {
  const running = await locked(roots, id, async (container) => {
    if (!(await settleOrRemove(container))) return false;
    noteState(container, { stopRequested: true });
    return isAlive(container.state.process);
  });
  if (running) await killForGood(roots, id);
}

/** What can't be read as a container any more still has a group of its id: whatever runs in it is ended with it. */
async function removeUnreadable(roots: Roots, id: string): Promise<void> {
  await cleanGroupNamed(id);
  giveBackAll(roots, id);
  deleteFolders(roots, containerFolder(roots, id), namesOf(roots, id));
  leaveIfLast(roots);
}
