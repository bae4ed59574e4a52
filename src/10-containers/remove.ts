// Taking a container away, in the reverse order of making it: processes, group, folders, name.

import { rmSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { cleanGroup } from "./cgroup.ts";
import { containerIds, deleteFolders, locked, releaseName, writeState } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { containerFolder, type Roots } from "./folders.ts";
import { isAlive } from "./identity.ts";
import { settle } from "./settle.ts";
import { killForGood } from "./stop.ts";

/** `rm`. Throws UserError for a running one unless `force`. */
export async function removeContainer(roots: Roots, id: string, { force = false } = {}): Promise<void> {
  if (force) await killIfRunning(roots, id);
  await locked(roots, id, async (container) => {
    await settle(container);
    if (!containerIds(roots).includes(id)) return;
    const { name } = container.record;
    if (isAlive(container.state.process)) throw new UserError(REFUSAL(name, container.state.status), { exitCode: 1 });
    writeState(container, { status: "removing" });
    await cleanGroup(container);
    deleteFolders(container);
    containerEvent(container, "destroy");
  });
}

const REFUSAL = (name: string, status: string): string =>
  `cannot remove container "${name}": container is ${status}: stop the container before removing or force remove`;

async function killIfRunning(roots: Roots, id: string): Promise<void> {
  const running = await locked(roots, id, async (container) => {
    await settle(container);
    writeState(container, { stopRequested: true });
    return isAlive(container.state.process);
  });
  if (running) await killForGood(roots, id);
}

/** Takes away what can't be read as a container any more: only `rm --force` does this. */
export function removeUnreadable(roots: Roots, id: string, name?: string): void {
  const folder = containerFolder(roots, id);
  rmSync(folder.runtime, { recursive: true, force: true });
  rmSync(folder.bundle, { recursive: true, force: true });
  if (name) releaseName(roots, name, id);
}
