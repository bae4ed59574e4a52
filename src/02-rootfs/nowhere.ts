// A container without a mount namespace of its own is in somebody else's: the host's, or one that it joins. What was mounted
// there for it, all others there would see, and still find when the container is gone; and pivot_root would take their root
// from them. So its root is put together in a copy of that namespace, which lives no longer than that takes. Then all of it is
// copied into a tree of mounts that hangs nowhere (open_tree(2)), and the process goes back to where it belongs:
//
//   their namespace          a copy of it                     nowhere
//   ───────────────          ────────────                     ───────
//   open the way back
//   unshare(CLONE_NEWNS) ──► root, mounts, masks
//                            open_tree(CLONE, RECURSIVE) ───► the root, with all that is mounted below
//   setns ◄─────────────────
//   chroot ─────────────────────────────────────────────────► /
//
// No list of mounts has it, not even the container's own, so there is nothing to take away: the kernel lets go of it with the
// last process that stands in it, however that ends. Above it is nothing: the walk that leads out of a chroot (chroot.ts)
// ends at its own root. Nobody can mount anything in it any more, and no mount in it hears of others (check-spec.ts).

import {
  AT,
  CLONE,
  chrootStep,
  fchdirStep,
  O,
  openStep,
  openTreeStep,
  type Ref,
  reg,
  type Step,
  setnsStep,
  unshareStep,
} from "../01-syscalls/index.ts";
import { ROOTFS } from "./pivot.ts";

const TREE = reg("tree");
const HOME = reg("home");

/** In the child, before it mounts anything: a mount namespace to come back from; by `way` (a register) where that is given. */
export function asideSteps(way?: Ref): Step[] {
  const why = "the way back to the mounts that it shares with others";
  return [
    ...(way ? [] : [openStep({ path: "/proc/self/ns/mnt", flags: O.RDONLY, why, as: HOME.reg })]),
    unshareStep({ flags: CLONE.NEWNS, why: "a copy of the host's mounts, in which the root is put together" }),
  ];
}

/** When all is mounted, in the place of `pivotSteps`. `way` as above. */
export function nowhereRootSteps(way = HOME): Step[] {
  const why = "a copy of the root, with all below it, that hangs nowhere";
  return [
    openTreeStep({ dir: ROOTFS, path: "", flags: AT.RECURSIVE, why, as: TREE.reg }),
    setnsStep({ fd: way, flags: CLONE.NEWNS, why: "to the mounts it shares with others; the copy is gone" }),
    fchdirStep({ fd: TREE, why: "so that . names the new root" }),
    chrootStep({ path: ".", why: "make it /, which no path leads out of: nothing is above it" }),
  ];
}

/** For one more process beside `pid`, which is in such a root: into the same. No namespace leads there. */
export function sameRootSteps(pid: number): { before: Step[]; inside: Step[] } {
  const root = reg("same_root");
  const flags = O.PATH | O.DIRECTORY;
  return {
    before: [openStep({ path: `/proc/${pid}/root`, flags, why: "the root of the container's process", as: root.reg })],
    inside: [
      fchdirStep({ fd: root, why: "so that . names that root" }),
      chrootStep({ path: ".", why: "and now this process's, too" }),
    ],
  };
}
