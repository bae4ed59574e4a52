// Your turn: from a root that may do everything to the process that guest is to have. After your steps comes execve, and
// guest begins. Of the 41 capabilities it is to have the seven in `capabilities`, and no program that it starts later is to
// have more; and a filter is to be asked about each of its calls.
//
// A process has five sets of capabilities. Of the steps that there are, each does what it says, and all are needed:
//
//   capabilitySteps(capabilities)       effective, permitted and inheritable: what this process can do, from now on
//   boundingSteps(capabilities, held)   bounding: what it, or a program it becomes, can have at most
//   seccompSteps(seccomp.filter)        the kernel asks this filter about every call, from now on, if `seccomp` is given
//   identitySteps(user, canSetGroups)   who it is: real, effective and saved user and group
//
// What each of them needs itself is in capabilities(7) and seccomp(2).

import type { Step } from "mini-docker/01-syscalls";
import { type Confinement, capabilitySteps, identitySteps } from "mini-docker/07-security";

export function confineSteps({ user, capabilities = {}, canSetGroups }: Confinement): Step[] {
  return [
    ...identitySteps(user, canSetGroups),
    // TODO: the kernel says yes to this, and afterwards guest has all 41. And what of the filter?
    ...capabilitySteps(capabilities),
  ];
}
