// Changing the limits of a group while processes run in it. Two things are different from a new group.
//
// Values that depend on each other have others before them. On v1, memory must never be above memory with swap, so
// raising both begins with the second, lowering with the first; v2 wants swap without memory, and a period with its quota.
//
// And the group may lack the controller, as it had no limit there when it was made. On v2 that is switched on in the
// groups above; on v1 the group gets a directory in one more hierarchy, and its processes move in. They are frozen
// meanwhile, or one could fork out of sight.

import { perform, UserError, writeFileSteps } from "../01-syscalls/index.ts";
import { type Files, parseLimit, thisMachine } from "./files.ts";
import { freezeGroup, hasFreezer, isFrozen, thawGroup } from "./freeze.ts";
import { findDirectory, type Group, type GroupDirectory, groupPids } from "./group.ts";
import { type Limits, limitsFor } from "./limits.ts";
import type { Machine } from "./machine.ts";
import { SWAP_FILE } from "./memory.ts";
import { createSteps, placeGroup } from "./place.ts";
import type { CpuResources, MemoryResources, Resources } from "./resources.ts";
import type { Setting } from "./setting.ts";

/**
 * The settings for `asked`, completed and ordered by what holds now, for `limitSteps`. Throws UserError for what can't
 * be kept. If the group lacks a controller for them, `widenGroup` comes in between.
 */
export function limitsForUpdate(group: Group, asked: Resources, machine: Machine, files: Files = thisMachine): Limits {
  const completed = {
    ...asked,
    ...(asked.memory && { memory: completeMemory(group, asked.memory, files) }),
    ...(asked.cpu && { cpu: completeCpu(group, asked.cpu, files) }),
  };
  const { settings, warnings } = limitsFor(completed, machine, files);
  return { settings: inOrder(group, settings, files), warnings };
}

// ---- values that depend on others

function completeMemory(group: Group, asked: MemoryResources, files: Files): MemoryResources {
  const now = (file: string) => parseLimit(files.read(`${findDirectory(group, "memory")}/${file}`));
  const { limit, swap } = asked;
  const together = now(SWAP_FILE[1]);
  if (limit && !swap && together !== undefined && limit > together) {
    throw new UserError(
      "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
    );
  }
  if (!swap || swap === -1 || limit) return asked;
  const current = now("memory.max") ?? now("memory.limit_in_bytes");
  return current === undefined ? asked : { ...asked, limit: current };
}

/** On v2 a period can't be written without a quota. */
function completeCpu(group: Group, asked: CpuResources, files: Files): CpuResources {
  if (!asked.period || asked.quota) return asked;
  const [quota] = (files.read(`${findDirectory(group, "cpu")}/cpu.max`) ?? "max").split(" ");
  return quota === "max" ? asked : { ...asked, quota: Number(quota) };
}

function inOrder(group: Group, settings: Setting[], files: Files): Setting[] {
  const limit = settings.findIndex(({ file }) => file === "memory.limit_in_bytes");
  const together = settings.findIndex(({ file }) => file === SWAP_FILE[1]);
  if (limit < 0 || together < 0) return settings;
  const next = Number(settings[together]!.value);
  const now = parseLimit(files.read(`${findDirectory(group, "memory")}/memory.limit_in_bytes`)) ?? Infinity;
  const isRaised = next < 0 || next > now;
  if (!isRaised) return settings;
  return [settings[together]!, ...settings.filter((_, index) => index !== together)];
}

// ---- controllers that the group lacks

/**
 * Gives the group the controllers that `settings` need, moving its processes where that takes another hierarchy.
 * Returns the group as it then is, to be kept in place of the old one.
 */
export async function widenGroup(group: Group, settings: Setting[], machine: Machine): Promise<Group> {
  const had = group.directories.flatMap(({ controllers }) => controllers);
  const wider = placeGroup(machine, group.path, [...had, ...settings.map(({ controller }) => controller)]);
  const added = without(wider, group, (one, other) => one.directory === other.directory);
  const changed = without(wider, group, (one, other) => one.directory === other.directory && isSame(one, other));
  perform(createSteps(machine, changed, false));
  if (added.directories.length > 0) await whileFrozen(group, () => moveIn(added, groupPids(group)));
  return wider;
}

type Compare = (one: GroupDirectory, other: GroupDirectory) => boolean;

function without(group: Group, other: Group, compare: Compare): Group {
  const isNew = (one: GroupDirectory) => !other.directories.some((each) => compare(one, each));
  return { path: group.path, directories: group.directories.filter(isNew) };
}

function isSame({ controllers }: GroupDirectory, other: GroupDirectory): boolean {
  return controllers.every((name) => other.controllers.includes(name));
}

async function whileFrozen(group: Group, act: () => void): Promise<void> {
  const isOurs = hasFreezer(group) && !isFrozen(group);
  if (isOurs) await freezeGroup(group);
  try {
    act();
  } finally {
    if (isOurs) thawGroup(group);
  }
}

/** A whole process at a time. One that ends meanwhile need not move. */
function moveIn(group: Group, pids: number[]): void {
  for (const { directory } of group.directories) {
    const path = `${directory}/cgroup.procs`;
    for (const pid of pids) {
      const why = "it moves in with the others";
      perform(writeFileSteps({ path, data: String(pid), as: "procs", why, allow: ["ESRCH"] }));
    }
  }
}
