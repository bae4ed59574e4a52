import { chdirStep, fchdirStep, MNT, pivotRootStep, reg, type Step, umountStep } from "mini-docker/01-syscalls";

export function pivotSteps(): Step[] {
  return [
    fchdirStep({ fd: reg("rootfs"), why: "so that . names the new root" }),
    // Both halves of the exchange are in one place: the old root comes to lie on top of the new one.
    pivotRootStep({ newRoot: ".", putOld: ".", why: "exchange the root of all mounts" }),
    umountStep({ target: ".", flags: MNT.DETACH, why: "the old root lies on top here: off with it" }),
    chdirStep({ path: "/", why: "and stand in /" }),
  ];
}
