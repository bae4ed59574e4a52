// `kill`: any signal, to the container's process or to all that are in its groups.

import { UserError } from "../../01-syscalls/index.ts";
import { killGroup, signalGroup } from "../../04-cgroups/index.ts";
import { type RuntimeContainer, readContainer, statusOf } from "./runtime-container.ts";

const SIGKILL = 9;

/** Throws UserError for a container that has ended, unless all that is left of it is meant. */
export async function killRuntimeContainer(root: string, id: string, signal: number, all: boolean): Promise<void> {
  const container = readContainer(root, id);
  const status = statusOf(container);
  if (status === "stopped" && !all) throw new UserError(`container not running: ${id}`);
  // Without process number 1 of its own the others would outlive that; and on cgroup v1 what is frozen obeys no signal.
  const needsGroup = !hasOwnPids(container) || status === "paused";
  if (signal === SIGKILL && (all || needsGroup)) await killGroup(container.group);
  else if (all) signalGroup(container.group, signal);
  else process.kill(container.process.pid, signal);
}

function hasOwnPids({ spec }: RuntimeContainer): boolean {
  return (spec.linux?.namespaces ?? []).some(({ type, path }) => type === "pid" && !path);
}
