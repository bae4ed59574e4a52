// goal nothing-left: still-mounted
import { chdirStep, fchdirStep, pivotRootStep, reg, type Step } from "mini-docker/01-syscalls";

export function pivotSteps(): Step[] {
  return [
    fchdirStep({ fd: reg("rootfs"), why: "stand in the new root" }),
    pivotRootStep({ newRoot: ".", putOld: ".", why: "exchange the two" }),
    chdirStep({ path: "/", why: "stand in it" }),
  ];
}
