// `delete`: what `create` made is taken away.

import { existsSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import { killGroup, removeGroup } from "../../04-cgroups/index.ts";
import { removeParentGroups } from "../cgroup.ts";
import { isAlive } from "../identity.ts";
import { runHooks } from "./hooks.ts";
import {
  folderOf,
  lockedContainer,
  type RuntimeContainer,
  type RuntimeFolder,
  readGroup,
  removeFiles,
  stateOf,
  statusOf,
} from "./runtime-container.ts";
import { runOrWarn } from "./start.ts";

export interface DeleteRequest {
  /** Ended first, if it runs; and one that isn't there is fine. */
  force: boolean;
  onWarning(warning: string): void;
}

/** Throws UserError for one that has not ended. */
export async function deleteRuntimeContainer(root: string, id: string, request: DeleteRequest): Promise<void> {
  const files = folderOf(root, id);
  if (request.force && !existsSync(files.state)) return takeAwayHalf(root, files);
  await lockedContainer(root, id, async (container) => {
    const status = statusOf(container);
    if (status !== "stopped" && !request.force) {
      throw new UserError(`cannot delete container ${id} that is not stopped: ${status}`);
    }
    await takeAway(root, container, request);
  });
}

/** Whoever made it was ended before its state was written, and what was its process ends with that. */
async function takeAwayHalf(root: string, files: RuntimeFolder): Promise<void> {
  const group = readGroup(files);
  if (group) {
    await killGroup(group);
    await removeGroup(group);
    removeParentGroups();
  }
  removeFiles(root, files);
}

async function takeAway(root: string, container: RuntimeContainer, { onWarning }: DeleteRequest): Promise<void> {
  const { group, files, spec, process } = container;
  await killGroup(group);
  while (isAlive(process)) await new Promise((resolve) => setTimeout(resolve, 1));
  await removeGroup(group);
  removeParentGroups();
  removeFiles(root, files);
  for (const hook of spec.hooks?.poststop ?? [])
    runOrWarn(() => runHooks([hook], stateOf(container, "stopped")), onWarning);
}
