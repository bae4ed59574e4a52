// goal runs: too-early
import { chdirStep, fchdirStep, MNT, pivotRootStep, reg, type Step, umountStep } from "mini-docker/01-syscalls";

export function pivotSteps(): Step[] {
  return [
    fchdirStep({ fd: reg("rootfs"), why: "stand in the new root" }),
    umountStep({ target: "/", flags: MNT.DETACH, why: "first the host's tree goes" }),
    pivotRootStep({ newRoot: ".", putOld: ".", why: "then the two are exchanged" }),
    chdirStep({ path: "/", why: "stand in it" }),
  ];
}
