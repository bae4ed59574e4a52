// Stage 09, from outside: folders that outlive the containers they are seen in.

export { anonymousName, ensureVolume } from "./create.ts";
export { checkDriverOptions, sourceOf, type VolumeSource } from "./driver.ts";
export { fillVolume, isToBeFilled } from "./fill.ts";
export { keepVolumes, takeTurn } from "./lock.ts";
export { discardVolume, removeUnused, removeVolume, type UsersOf } from "./remove.ts";
export { type FolderView, sharedVolumeSteps, volumeFilesystemSteps, volumeViewSteps } from "./view.ts";
export {
  ANONYMOUS,
  checkVolumeName,
  findVolume,
  isAnonymous,
  listVolumes,
  readVolume,
  type Volume,
  type VolumeWish,
  volumeFolder,
} from "./volume.ts";
