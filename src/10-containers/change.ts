// What can be changed of a container that exists: its name, its limits, and what happens when it ends.

import { perform, UserError } from "../01-syscalls/index.ts";
import { findMachine, limitSteps, limitsForUpdate, widenGroup } from "../04-cgroups/index.ts";
import { whileChanging } from "../08-network/index.ts";
import {
  type Container,
  claimName,
  locked,
  readSpec,
  releaseName,
  whileCreating,
  writeRecord,
  writeState,
} from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { writeFileAtomic } from "./files.ts";
import type { Roots } from "./folders.ts";
import { isAlive } from "./identity.ts";
import { asksForNames } from "./network/endpoint.ts";
import { tellNames } from "./network/resolver.ts";
import { settle } from "./settle.ts";
import { checkLimits } from "./spec/checks.ts";
import { limits } from "./spec/limits.ts";
import { specText } from "./spec/oci.ts";
import type { ResourceOptions, RestartPolicy } from "./spec/options.ts";

/** Throws UserError when the name is taken or can't be one. The old name is free afterwards. */
export async function renameContainer(roots: Roots, id: string, name: string): Promise<void> {
  await locked(roots, id, async (container) => {
    const old = container.record.name;
    if (old === name) throw new UserError("Renaming a container with the same name as its current name");
    await whileCreating(roots, () => {
      claimName(roots, name, id);
      writeRecord(container, { name });
      releaseName(roots, old, id);
    });
    if (container.state.endpoints?.some(asksForNames)) whileChanging(roots.root, () => tellNames(roots));
    containerEvent(container, "rename", { oldName: `/${old}` });
  });
}

export interface Update {
  resources: ResourceOptions;
  restart?: RestartPolicy;
}

/** New limits hold at once for a running container, and for its next start. Returns warnings. */
export async function updateContainer(roots: Roots, id: string, { resources, restart }: Update): Promise<string[]> {
  return locked(roots, id, async (container) => {
    await settle(container);
    const { record, folder } = container;
    if (restart && record.options.remove && restart.name !== "no") {
      throw new UserError("Restart policy cannot be updated because AutoRemove is enabled for the container");
    }
    const options = { ...record.options, ...resources, ...(restart && { restart }) };
    checkLimits(options);
    const warnings = await applyLimits(container, resources);
    const spec = readSpec(container);
    const linux = { ...spec.linux, resources: { ...spec.linux?.resources, ...limits(options) } };
    writeFileAtomic(folder.config, specText({ ...spec, linux }));
    writeRecord(container, { options });
    containerEvent(container, "update");
    return warnings;
  });
}

async function applyLimits(container: Container, resources: ResourceOptions): Promise<string[]> {
  const { group, process } = container.state;
  if (!group || !isAlive(process) || Object.keys(resources).length === 0) return [];
  const machine = findMachine();
  const { settings, warnings } = limitsForUpdate(group, limits(resources), machine);
  const wider = await widenGroup(group, settings, machine);
  writeState(container, { group: wider });
  perform(limitSteps(wider, settings));
  return warnings;
}
