// What can be done to a container of the OCI runtime while it is there: be stopped where it stands, let go on, and given
// other limits.

import { perform, UserError } from "../../01-syscalls/index.ts";
import {
  freezeGroup,
  limitSteps,
  limitsForUpdate,
  type Resources,
  thawGroup,
  widenGroup,
} from "../../04-cgroups/index.ts";
import { machineHere } from "../cgroup.ts";
import { lockedContainer, statusOf, writeContainer } from "./runtime-container.ts";

/** Throws UserError for a container that neither runs nor waits to. */
export function pauseRuntimeContainer(root: string, id: string): Promise<void> {
  return lockedContainer(root, id, async (container) => {
    const status = statusOf(container);
    if (status !== "running" && status !== "created") throw new UserError(`cannot pause a container that is ${status}`);
    await freezeGroup(container.group);
  });
}

export function resumeRuntimeContainer(root: string, id: string): Promise<void> {
  return lockedContainer(root, id, (container) => {
    const status = statusOf(container);
    if (status !== "paused") throw new UserError(`cannot resume a container that is ${status}`);
    thawGroup(container.group);
  });
}

/** Throws UserError for limits that can't be kept here. */
export function updateRuntimeContainer(
  root: string,
  id: string,
  resources: Resources,
  onWarning: (warning: string) => void,
): Promise<void> {
  return lockedContainer(root, id, async (container) => {
    if (statusOf(container) === "stopped") throw new UserError("cannot update a stopped container");
    const machine = machineHere();
    const { settings, warnings } = limitsForUpdate(container.group, resources, machine);
    for (const warning of warnings) onWarning(warning);
    const group = await widenGroup(container.group, settings, machine);
    perform(limitSteps(group, settings));
    const linux = { ...container.spec.linux };
    const spec = { ...container.spec, linux: { ...linux, resources: merged(linux.resources ?? {}, resources) } };
    writeContainer({ ...container, group, spec });
  });
}

/** Field by field: what isn't said stays. */
function merged(before: Resources, { memory, cpu, pids, blockIO, ...others }: Resources): Resources {
  return {
    ...before,
    ...others,
    ...(memory && { memory: { ...before.memory, ...memory } }),
    ...(cpu && { cpu: { ...before.cpu, ...cpu } }),
    ...(pids && { pids: { ...before.pids, ...pids } }),
    ...(blockIO && { blockIO: { ...before.blockIO, ...blockIO } }),
  };
}
