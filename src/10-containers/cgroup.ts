// A container's control group from the outside: what its recorded group can be asked for, and its removal.

import {
  findMachine,
  freezeGroup,
  type Group,
  groupPath,
  killGroup,
  type Machine,
  oomKills,
  removeGroup,
  removeParents,
  thawGroup,
} from "../04-cgroups/index.ts";
import type { Container } from "./container.ts";

let known: Machine | undefined;

/** Where groups can be. Looked at once a process: hierarchies don't come and go. */
export function machineHere(): Machine {
  known ??= findMachine();
  return known;
}

export function oomKillsOf({ state }: Container): number {
  return state.group ? oomKills(state.group) : 0;
}

/** Ends whatever is left in the group and removes it. Nothing there is success. */
export async function cleanGroup({ state }: Container): Promise<void> {
  if (!state.group) return;
  await killGroup(state.group);
  await removeGroup(state.group);
}

/** The same where nobody can tell any more which hierarchies the container `id` was in: it is looked for in all. */
export async function cleanGroupNamed(id: string): Promise<void> {
  const path = groupPath(id, undefined);
  const directories = machineHere().bases.map(({ version, controllers, directory: base, mountPoint }) => {
    return { version, controllers, base, directory: base + path, mountPoint };
  });
  await killGroup({ path, directories });
  await removeGroup({ path, directories });
}

/** The group that all others are in, in every hierarchy where it is empty. */
export function removeParentGroups(): void {
  removeParents(machineHere());
}

export async function killAll({ state }: Container): Promise<void> {
  if (state.group) await killGroup(state.group);
}

export function groupOf({ state }: Container): Group | undefined {
  return state.group;
}

export async function freezeContainer({ state }: Container): Promise<void> {
  if (state.group) await freezeGroup(state.group);
}

export async function thawContainer({ state }: Container): Promise<void> {
  if (state.group) await thawGroup(state.group);
}
