// Making a volume. It appears in one moment, whole: until then it lies under a name nobody looks at. Two who make one of
// the same name at once meet in one volume, whosever it is: rename(2) doesn't put a folder over another that isn't empty.

import { mkdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { randomBytes, UserError } from "../01-syscalls/index.ts";
import { toBytePath } from "../05-overlay/index.ts";
import { makeFolder, removeTree, writeFileDurably } from "../06-images/index.ts";
import { checkDriverOptions } from "./driver.ts";
import { keepVolumes } from "./lock.ts";
import { checkVolumeName, readVolume, type Volume, type VolumeWish, volumeFolder, volumesFolder } from "./volume.ts";

/** The volume that is there, or a new one: `isNew`. Throws UserError for a name or options that can't be. */
export function ensureVolume(root: string, wish: VolumeWish): { volume: Volume; isNew: boolean } {
  checkVolumeName(wish.name);
  const kept = keepVolumes(root);
  try {
    const found = readVolume(root, wish.name);
    if (found) return { volume: found, isNew: false };
    checkDriverOptions(wish);
    return make(root, { ...wish, created: new Date().toISOString() });
  } finally {
    kept.close();
  }
}

/** A name that nobody has given: 64 hexadecimal digits. */
export function anonymousName(): string {
  return randomBytes(32).toString("hex");
}

function make(root: string, volume: Volume): { volume: Volume; isNew: boolean } {
  makeFolder(root, 0o711);
  makeFolder(volumesFolder(root));
  const { folder, record, data } = volumeFolder(root, volume.name);
  const draft = join(volumesFolder(root), `.${randomBytes(8).toString("hex")}.making`);
  mkdirSync(draft, { mode: 0o700 });
  try {
    mkdirSync(join(draft, basename(data)), { mode: 0o755 });
    writeFileDurably(join(draft, basename(record)), `${JSON.stringify(volume, null, 2)}\n`, draft);
    renameSync(draft, folder);
    return { volume, isNew: true };
  } catch (error) {
    removeTree(toBytePath(draft));
    const other = readVolume(root, volume.name);
    if (other) return { volume: other, isNew: false };
    throw isRefused(error) ? new UserError(`cannot create volume ${volume.name}`, { cause: error }) : error;
  }
}

/** A call of Node's that failed: a full disk, a folder that is read-only. */
function isRefused(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined;
}
