// A container's control group from the outside: what its recorded group can be asked for, and its removal.

import { freezeGroup, type Group, killGroup, oomKills, removeGroup, thawGroup } from "../04-cgroups/index.ts";
import type { Container } from "./container.ts";

export function oomKillsOf({ state }: Container): number {
  return state.group ? oomKills(state.group) : 0;
}

/** Ends whatever is left in the group and removes it. Nothing there is success. */
export async function cleanGroup({ state }: Container): Promise<void> {
  if (!state.group) return;
  await killGroup(state.group);
  await removeGroup(state.group);
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
