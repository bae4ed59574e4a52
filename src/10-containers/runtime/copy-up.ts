// A tmpfs with the option "tmpcopyup" begins with the files that it covers. They are copied from outside, when all is mounted
// and the container's root hangs on the host's still: from the directory below the mount to the mount above it.

import { closeSync } from "node:fs";
import { O, SyscallError } from "../../01-syscalls/index.ts";
import { type Mount, openInRoot, planMount } from "../../02-rootfs/index.ts";
import { copyMissing } from "../../05-overlay/index.ts";

export function copiesUp(mount: Mount): boolean {
  return mount.type === "tmpfs" && planMount(mount).options.copiesUp === true;
}

/** `inside` is where the process of the container sees what the host has at `rootfs`. */
export function copyUp(mounts: readonly Mount[] = [], rootfs: string, inside: string): void {
  for (const { destination } of mounts.filter(copiesUp)) {
    const from = directoryIn(rootfs, destination);
    if (from === undefined) continue;
    const to = directoryIn(inside, destination);
    if (to !== undefined) copyMissing(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`);
    for (const fd of [from, to]) if (fd !== undefined) closeSync(fd);
  }
}

/** Undefined where there is none. */
function directoryIn(root: string, path: string): number | undefined {
  try {
    return openInRoot(root, path, O.RDONLY | O.DIRECTORY);
  } catch (error) {
    if (error instanceof SyscallError && ["ENOENT", "ENOTDIR"].includes(error.code)) return undefined;
    throw error;
  }
}
