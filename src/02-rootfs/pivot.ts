// pivot_root(2) exchanges the root of a whole mount namespace. Unlike after chroot, the old tree can then be unmounted:
// what isn't mounted can't be walked to, whatever calls are made.
//
// The new root is known by a descriptor, the register `rootfs`, from the moment it exists: a mount that hangs nowhere
// yet. It is hung onto a directory (pivot_root wants a mount point), the container's other mounts are hung below it by
// descriptor (mounts.ts), and then it becomes `/`.

import {
  AT,
  chdirStep,
  chrootStep,
  closeStep,
  fchdirStep,
  MNT,
  MOUNT_ATTR,
  MS,
  mountSetattrStep,
  mountStep,
  moveMountStep,
  O,
  openStep,
  openTreeStep,
  pivotRootStep,
  reg,
  type Step,
  umountStep,
} from "../01-syscalls/index.ts";

/** The container's root: the mount that `rootfsFromDirectorySteps` (or an overlay) makes and all below is hung on. */
export const ROOTFS = reg("rootfs");

/** Takes a directory of the host, with what is mounted below it, as the container's root. */
export function rootfsFromDirectorySteps(path: string): Step[] {
  const why = "a copy of the mount that shows this directory: the container's root";
  return [openTreeStep({ path, flags: AT.RECURSIVE, why, as: "rootfs" })];
}

/**
 * Hangs the rootfs onto the existing directory `at`, in the child's mount namespace only. Mounts can be added to it
 * from here on; a mount that hangs nowhere takes none before Linux 6.15.
 */
export function attachRootfsSteps(at: string): Step[] {
  return [
    openStep({ path: at, flags: O.PATH | O.DIRECTORY, why: "an empty directory to hang the root on", as: "place" }),
    moveMountStep({ from: ROOTFS, target: reg("place"), why: "pivot_root and mounts below need it to hang somewhere" }),
    // It belongs to the host's tree: from it, ".." would lead on.
    closeStep({ fd: reg("place"), why: "no descriptor to the host's tree stays open" }),
  ];
}

/** Makes the rootfs `/` and lets go of the host's tree: no path leads back. */
export function pivotSteps(): Step[] {
  return [
    fchdirStep({ fd: ROOTFS, why: "so that . names the new root" }),

    // Old and new root share one path: the old one lands on top of the new and is peeled off.
    pivotRootStep({ newRoot: ".", putOld: ".", why: "exchange the root of this mount namespace" }),
    umountStep({ target: ".", flags: MNT.DETACH, why: "unmount the host's tree, all of it" }),

    chdirStep({ path: "/", why: "stand in the new root" }),
  ];
}

/**
 * Where the host's root is a ramdisk, which nothing can be exchanged with (EINVAL): the new root covers it. What is below is
 * still mounted, so whoever may call chroot could go looking for it.
 */
export function moveRootSteps(): Step[] {
  return [
    fchdirStep({ fd: ROOTFS, why: "so that . names the new root" }),
    mountStep({ source: ".", target: "/", flags: MS.MOVE, why: "over the old one" }),
    chrootStep({ path: ".", why: "what is mounted on / is seen by who looks for it from now on" }),
    chdirStep({ path: "/", why: "stand in the new root" }),
  ];
}

/** Makes the root read-only, and only the root: volumes, /dev and /tmp mounted below keep their own setting. */
export function readonlyRootSteps(): Step[] {
  return [mountSetattrStep({ mount: ROOTFS, set: MOUNT_ATTR.RDONLY, why: "nothing in the image can be changed" })];
}
