// The image's files on their way into volumes that have none yet. Where a path of the image leads is for the kernel to say,
// beneath the root filesystem that the container will have, which is put together for that once, before anything runs in it.

import { closeSync } from "node:fs";
import { join } from "node:path";
import { O, SyscallError } from "../../01-syscalls/index.ts";
import { openInRoot } from "../../02-rootfs/index.ts";
import { fillVolume, isToBeFilled } from "../../09-volumes/index.ts";
import type { ContainerRecord } from "../container.ts";
import type { Roots } from "../folders.ts";
import { inTree } from "../root.ts";
import type { Spec } from "../spec/oci.ts";
import type { MountOption, RunOptions } from "../spec/options.ts";
import { volumeSource } from "./mounts.ts";

export interface Filling {
  roots: Roots;
  /** The folder of the container that is being made. */
  draft: string;
  layers: string[];
  rootfs: ContainerRecord["rootfs"];
  options: RunOptions;
  spec: Spec;
}

/** Throws UserError where the root filesystem can't be put together, or there is no room for a copy. */
export function fillVolumes(wish: Filling): void {
  const { roots, draft, layers, rootfs, options, spec } = wish;
  const wanted = options.mounts.filter((mount) => wantsFilling(roots, mount));
  // Where nothing is to be kept on disk, there may be no place there for what overlay needs.
  if (wanted.length === 0 || options.scratchBytes !== undefined) return;
  const [upper, work, at] = ["upper", "work", "rootfs"].map((name) => join(draft, name)) as [string, string, string];
  const isRoot = process.getuid?.() === 0;
  const tree = {
    about: "cannot look at the image's files for the container's volumes",
    root:
      rootfs === "overlay"
        ? { lower: layers, upper, work, at, options: { userxattr: !isRoot } }
        : { directory: upper, at },
    // Seen as the host's root, files belong to whom the image gives them, whoever that will be in the container.
    spec: { linux: isRoot ? { namespaces: [{ type: "mount" as const }] } : spec.linux! },
  };
  inTree(tree, (root) => {
    for (const { source = "", target, volume } of wanted) {
      const skipSync = options.remove && volume?.isAnonymous === true;
      fillFrom(roots, root, { path: target, name: source, skipSync });
    }
  });
}

function wantsFilling(roots: Roots, mount: MountOption): boolean {
  const { type, source = "", volume } = mount;
  if (type !== "volume" || volume?.noCopy || volume?.subpath !== undefined) return false;
  const made = volumeSource(roots, mount);
  return made.kind === "folder" && made.isOwn && isToBeFilled(roots.root, source);
}

interface Wanted {
  /** Of the image. */
  path: string;
  name: string;
  skipSync: boolean;
}

function fillFrom({ root: store }: Roots, root: number, { path, name, skipSync }: Wanted): void {
  const fd = openDirectory(root, path);
  if (fd === undefined) return;
  try {
    // The dot makes it the directory, and not the link to it.
    fillVolume(store, name, `/proc/self/fd/${fd}/.`, { skipSync });
  } finally {
    closeSync(fd);
  }
}

/** Undefined where the image has no directory of this name. */
function openDirectory(root: number, path: string): number | undefined {
  try {
    return openInRoot(root, path, O.PATH | O.DIRECTORY);
  } catch (error) {
    if (error instanceof SyscallError && ["ENOENT", "ENOTDIR", "ELOOP"].includes(error.code)) return undefined;
    throw error;
  }
}
