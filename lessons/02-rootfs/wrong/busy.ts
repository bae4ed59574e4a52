// goal runs: busy
import { chdirStep, fchdirStep, pivotRootStep, reg, type Step, umountStep } from "mini-docker/01-syscalls";

export function pivotSteps(): Step[] {
  return [
    fchdirStep({ fd: reg("rootfs"), why: "stand in the new root" }),
    pivotRootStep({ newRoot: ".", putOld: ".", why: "exchange the two" }),
    umountStep({ target: ".", why: "the host's tree goes" }),
    chdirStep({ path: "/", why: "stand in it" }),
  ];
}
