import * as ask from "mini-docker/01-syscalls";

export function pivotSteps(): ask.Step[] {
  return [
    ask.fchdirStep({ fd: ask.reg("rootfs"), why: "so that . names the new root" }),
    // Both halves of the exchange are in one place: the old root comes to lie on top of the new one.
    ask.pivotRootStep({ newRoot: ".", putOld: ".", why: "exchange the root of all mounts" }),
    ask.umountStep({ target: ".", flags: ask.MNT.DETACH, why: "the old root lies on top here: off with it" }),
    ask.chdirStep({ path: "/", why: "and stand in /" }),
  ];
}
