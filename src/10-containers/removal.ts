// Taking away what is left of a container that doesn't run: group, folders, name. That this has begun is written down
// first, so that whoever finds it half done goes on with it.

import { renameSync } from "node:fs";
import { cleanGroup, removeParentGroups } from "./cgroup.ts";
import { type Container, containerIds, noteState, releaseName } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import type { ContainerFolder, Roots } from "./folders.ts";
import { unplug } from "./network/plug.ts";
import { removeFolder } from "./remove-folder.ts";
import { beingRemoved, takeAway } from "./sweep.ts";
import { anonymousOf, removeVolumesUnused } from "./volumes/volumes.ts";

/** The caller holds its lock, and has settled it. With `volumes`, those that it has and nobody has named go as well. */
export async function removeSettled(container: Container, volumes = false): Promise<void> {
  noteState(container, { status: "removing", ...(volumes && { removesVolumes: true }) });
  await finishRemoval(container);
}

/** The same where somebody began and was killed. */
export async function finishRemoval(container: Container): Promise<void> {
  const { record, roots, state } = container;
  await cleanGroup(container);
  // Whoever settled it has done so already.
  if (state.endpoints !== undefined) unplug(container);
  // As long as it is there, somebody knows that they are to go.
  const own = state.removesVolumes || record.options.remove ? anonymousOf(record.options.mounts) : [];
  await removeVolumesUnused(roots, own, record.id);
  deleteFolders(roots, container.folder, [record.name]);
  leaveIfLast(roots);
  containerEvent(container, "destroy");
}

/**
 * Deletes everything the container has on disk, and its names. The folder is renamed first: from then on nobody finds
 * it half gone, and a monitor that is still alive has no way to write into it.
 */
export function deleteFolders(roots: Roots, folder: ContainerFolder, names: readonly string[]): void {
  const going = beingRemoved(roots, folder.id);
  removeFolder(folder.runtime);
  renameSync(folder.bundle, going);
  for (const name of names) releaseName(roots, name, folder.id);
  takeAway(going);
}

/** Without containers the machine has nothing of ours in its groups, either. */
export function leaveIfLast(roots: Roots): void {
  if (containerIds(roots).length === 0) removeParentGroups();
}
