// `builder prune`: what builds have kept for the next one goes: layers that no image has, and the folders of cache mounts.

import { statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { blobPath, collectGarbage, type Digest } from "../06-images/index.ts";
import { forgetKept, keptBlobs } from "../06-images/kept.ts";
import { lockStore } from "../06-images/lock.ts";
import type { Roots } from "../10-containers/folders.ts";
import { treeBytes } from "../10-containers/look/size.ts";
import { removeFolder } from "../10-containers/remove-folder.ts";

/** Returns how many bytes are free again. Throws UserError while somebody builds, or else uses the store. */
export function pruneBuilds({ root }: Roots): number {
  const sizes = new Map(keptBlobs(root).map((digest) => [digest, sizeOf(root, digest)]));
  const mounts = join(root, "build", "mounts");
  const mountBytes = forget(root, mounts);
  const removed = collectGarbage(root);
  return mountBytes + removed.reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
}

function forget(root: string, mounts: string): number {
  const lock = lockStore(root);
  if (!lock) throw new UserError("the image store is in use: nothing was removed");
  try {
    const bytes = treeBytes(mounts);
    forgetKept(root);
    removeFolder(mounts);
    return bytes;
  } finally {
    lock.close();
  }
}

function sizeOf(root: string, digest: Digest): number {
  return statSync(blobPath(root, digest), { throwIfNoEntry: false })?.size ?? 0;
}
