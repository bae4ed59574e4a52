// goal runs: not-inside
import { fchdirStep, reg, type Step } from "mini-docker/01-syscalls";

export function pivotSteps(): Step[] {
  return [fchdirStep({ fd: reg("rootfs"), why: "stand in the new root" })];
}
