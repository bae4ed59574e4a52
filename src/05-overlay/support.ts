// What this kernel's overlay can do, and where it refuses to work. Nothing here mounts anything.

import { statfsSync } from "node:fs";
import { release } from "node:os";
import { closeStep, ERRNO, fsconfigStep, fsopenStep, perform, reg } from "../01-syscalls/index.ts";

/**
 * Filesystems the kernel doesn't take as the upper directory, by the magic number that statfs(2) gives: names in them
 * can change behind overlay's back ("filesystem on '…' not supported as upperdir"), or they have no xattrs at all.
 * From include/uapi/linux/magic.h.
 */
const REFUSED = new Map([
  [0x794c7630, "another overlay"],
  [0x6969, "NFS"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0xc36400, "Ceph"],
  [0x4d44, "FAT"],
  [0x2011bab0, "exFAT"],
  [0xf15f, "eCryptfs"],
  [0x858458f6, "ramfs"],
]);

/** Why overlay can't have its upper directory at `path`, as the end of a sentence; undefined where it can. */
export function overlayRefusal(path: string): string | undefined {
  const filesystem = REFUSED.get(statfsSync(path).type);
  if (filesystem) return `${path} lies on ${filesystem}`;
  return kernelSupport() === "none" ? "this kernel has no overlay" : undefined;
}

/** Overlay would answer EINVAL (or ENODEV): copy the layers instead, see copy.ts. */
export function isOverlayRefused(upper: string): boolean {
  return overlayRefusal(upper) !== undefined;
}

/**
 * How many layers can be told: "append" takes one call a layer (`lowerdir+`, Linux 6.8), "page" has only the option
 * string of mount(2), one page long.
 */
export type KernelSupport = "append" | "page" | "none";

let known: KernelSupport | undefined;

/** Asked once a process. */
export function kernelSupport(): KernelSupport {
  known ??= askKernel();
  return known;
}

/**
 * A kernel that knows `lowerdir+` looks the directory up at once, so a missing one is ENOENT. Those before it don't
 * know the option (EINVAL), or keep all options as text until the mount is created (success).
 */
function askKernel(): KernelSupport {
  const option = { key: "lowerdir+", value: "/proc/self/no-such-directory" };
  const { probe = 0, answer = 0 } = perform([
    fsopenStep({ type: "overlay", as: "probe", allow: ["EPERM", "ENODEV", "ENOSYS"], why: "is there an overlay?" }),
    fsconfigStep({ fs: reg("probe"), ...option, as: "answer", allow: ["ENOENT", "EINVAL"], why: "layer by layer?" }),
    closeStep({ fd: reg("probe"), why: "only asked" }),
  ]);
  if (probe === -ERRNO.ENODEV) return "none";
  // Who may not mount may not ask either; inside the container's own user namespace it will be allowed.
  if (probe < 0) return isAtLeast(6, 8) ? "append" : "page";
  return answer === -ERRNO.ENOENT ? "append" : "page";
}

function isAtLeast(major: number, minor: number): boolean {
  const [ours = 0, oursMinor = 0] = release().split(".").map(Number);
  return ours > major || (ours === major && oursMinor >= minor);
}
