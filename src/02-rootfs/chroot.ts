// chroot(2) changes what "/" means to a process, and nothing else: the old tree is still mounted, and root in the
// process can walk back to it. It is here to be seen and escaped from; the engine uses pivot_root (pivot.ts).

import { chdirStep, chrootStep, mkdirStep, type Step } from "../01-syscalls/index.ts";

/** Makes `root` the process's `/`. No protection against anybody who may call chroot again. */
export function chrootSteps(root: string): Step[] {
  return [
    chrootStep({ path: root, why: "paths that begin with / begin here from now on" }),
    // The working directory is not moved along: without this, ".." would still lead to the host.
    chdirStep({ path: "/", why: "stand inside the new root" }),
  ];
}

/** The four calls that lead out of a chroot. They need nothing but root's right to call chroot. */
export function breakOutSteps(): Step[] {
  return [
    mkdirStep({ path: "hole", mode: 0o700, why: "any directory below does", allow: ["EEXIST"] }),
    // A process has one root. Moving it down leaves the working directory above it, outside.
    chrootStep({ path: "hole", why: "the root goes down, we stay where we are" }),
    chdirStep({ path: "../".repeat(32), why: "no root on the way up stops us: climb to the host's" }),
    chrootStep({ path: ".", why: "make the host's root ours again" }),
  ];
}
