// Your turn: make the new root `/`, and leave no way back to the host.
//
// When these steps begin, `reg("rootfs")` is a descriptor on the new root, which is a mount. The process still has the
// host's `/`, and stands somewhere in it. Below is a list of two steps. A program started after it sees the new root and
// nothing else. But is the host's tree gone? `./mini-docker learn check 02` tries to find a way back.
//
// There are more words than these two, each a system call with a man page of that name:
//
//   ask.chdirStep({ path, why })                   chdir(2)        stand in a folder
//   ask.fchdirStep({ fd, why })                    fchdir(2)       stand in the folder that is open
//   ask.chrootStep({ path, why })                  chroot(2)       this process's paths begin in a folder
//   ask.pivotRootStep({ newRoot, putOld, why })    pivot_root(2)   exchange the root of all mounts
//   ask.umountStep({ target, flags: ask.MNT.…, why })  umount2(2)  take a mount away
//
// Which of them, with what, and in which order?

import * as ask from "mini-docker/01-syscalls";

export function pivotSteps(): ask.Step[] {
  return [
    ask.fchdirStep({ fd: ask.reg("rootfs"), why: "stand in the new root" }),
    ask.chrootStep({ path: ".", why: "paths begin here from now on" }),
  ];
}
