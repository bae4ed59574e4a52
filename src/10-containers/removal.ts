// Taking away what is left of a container that doesn't run: group, folders, name. That this has begun is written down
// first, so that whoever finds it half done goes on with it.

import { cleanGroup, removeParentGroups } from "./cgroup.ts";
import { type Container, containerIds, deleteFolders, noteState } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import type { Roots } from "./folders.ts";

/** The caller holds its lock, and has settled it. */
export async function removeSettled(container: Container): Promise<void> {
  noteState(container, { status: "removing" });
  await finishRemoval(container);
}

/** The same where somebody began and was killed. */
export async function finishRemoval(container: Container): Promise<void> {
  await cleanGroup(container);
  deleteFolders(container);
  leaveIfLast(container.roots);
  containerEvent(container, "destroy");
}

/** Without containers the machine has nothing of ours in its groups, either. */
export function leaveIfLast(roots: Roots): void {
  if (containerIds(roots).length === 0) removeParentGroups();
}
