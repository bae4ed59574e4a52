// goal runs: not-there
import { chdirStep, MNT, pivotRootStep, type Step, umountStep } from "mini-docker/01-syscalls";

export function pivotSteps(): Step[] {
  return [
    pivotRootStep({ newRoot: ".", putOld: ".", why: "exchange the two" }),
    umountStep({ target: ".", flags: MNT.DETACH, why: "the host's tree goes" }),
    chdirStep({ path: "/", why: "stand in it" }),
  ];
}
