// goal no-way-back: chroot
import { chdirStep, chrootStep, fchdirStep, reg, type Step } from "mini-docker/01-syscalls";

export function pivotSteps(): Step[] {
  return [
    fchdirStep({ fd: reg("rootfs"), why: "stand in the new root" }),
    chrootStep({ path: ".", why: "paths begin here" }),
    chdirStep({ path: "/", why: "stand in it" }),
  ];
}
