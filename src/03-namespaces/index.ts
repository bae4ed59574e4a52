// Stage 03, from outside: the eight kinds of namespace, making them, joining them, looking at them.

export { cgroupNamespaceSteps, cloneFlags, type Namespace } from "./create.ts";
export { hostnameSteps } from "./hostname.ts";
export { isIdmappable } from "./idmappable.ts";
export { differentKinds, namespacesOf, ownsNetwork, type Process, sharedKinds } from "./inspect.ts";
export { joinBeforeSteps, joinedMounts, joinInsideSteps, joinProcessSteps, undumpableSteps } from "./join.ts";
export { flagsOf, KINDS, type Kind, kindOf, type NamespaceType } from "./kinds.ts";
export { linkUpStep, loopbackSteps } from "./loopback.ts";
export { beginMapsFor, type IdRange, manyIdsMap, rangesOf } from "./subids.ts";
export { type TimeOffsets, timeInsideSteps, timeSteps } from "./time.ts";
export { openUninhabited } from "./uninhabited.ts";
export {
  becomeRootSteps,
  type IdMapping,
  isInitialUserNamespace,
  isPrivileged,
  oneIdMap,
  ordinaryUser,
  ownMapSteps,
  type UserMap,
  userMapSteps,
} from "./users.ts";
