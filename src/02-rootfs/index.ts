// Stage 02, from outside: a different `/`, what is mounted in it, and safe ways to name things below it.

export { bindSteps, bindViewSteps, type OtherView, type OtherViews, sharedSourceSteps } from "./bind.ts";
export { breakOutSteps, chrootSteps } from "./chroot.ts";
export { directorySteps, fileSteps, hangSteps } from "./destination.ts";
export { DEFAULT_DEVICES, type Device, type DeviceSurroundings, deviceNumber, deviceSteps } from "./devices.ts";
export { elsewhereOf, elsewhereSteps } from "./elsewhere.ts";
export { newFilesystemSteps } from "./filesystem.ts";
export {
  findHooksSteps,
  HOOKS,
  hangOnHookSteps,
  homeSteps,
  hookSteps,
  leaveSteps,
  lentRootSteps,
  rootViewSteps,
} from "./lend.ts";
export { maskedPathSteps, readonlyPathSteps } from "./masks.ts";
export { type MountSurroundings, mountSteps } from "./mounts.ts";
export { asideSteps, nowhereRootSteps, sameRootSteps } from "./nowhere.ts";
export { filesystemOnly, isBind, knownOptions, type Mount, parseMountOptions, planMount } from "./options.ts";
export { openInRoot, openRoot } from "./paths.ts";
export {
  attachRootfsSteps,
  moveRootSteps,
  pivotSteps,
  ROOTFS,
  readonlyRootSteps,
  rootfsFromDirectorySteps,
} from "./pivot.ts";
export { type Propagation, privateRootSteps, rootPropagationSteps } from "./propagation.ts";
export { makeWorkdirSteps, workdirSteps } from "./workdir.ts";
