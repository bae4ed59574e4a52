// Stage 04, from outside: how much of the machine a container may have, and what it uses of it.

export { DEFAULT_DEVICE_RULES, deviceRuleSteps, withDefaults } from "./devices.ts";
export { freezeGroup, isFrozen, thawGroup } from "./freeze.ts";
export { type Group, type GroupDirectory, groupPath, groupPids, PARENT } from "./group.ts";
export { delegateSteps } from "./hand-over.ts";
export { type Hierarchy, parseHierarchies } from "./hierarchies.ts";
export { killGroup, signalGroup } from "./kill.ts";
export { type Limits, limitSteps, limitsFor } from "./limits.ts";
export { type Base, baseWith, findMachine, findMissing, type Machine, type Missing } from "./machine.ts";
export { cgroupMountSteps } from "./mounts.ts";
export { oomKills } from "./oom.ts";
export { bornIn, CGROUP, createSteps, enterGroupSteps, joinSteps, openGroupSteps, placeGroup } from "./place.ts";
export { type GroupPlan, type GroupRequest, planGroup } from "./plan.ts";
export { type Pressures, readPressure, type Stall } from "./pressure.ts";
export { listGroups, removeGroup, removeParents } from "./remove.ts";
export type { DeviceRule, Resources } from "./resources.ts";
export type { Setting } from "./setting.ts";
export { type CpuStats, type IoStats, type MemoryStats, type PidsStats, readStats, type Stats } from "./stats.ts";
export { limitsForUpdate, widenGroup } from "./update.ts";
