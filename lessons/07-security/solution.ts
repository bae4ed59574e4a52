import type { Step } from "mini-docker/01-syscalls";
import {
  boundingSteps,
  type Confinement,
  capabilitySteps,
  identitySteps,
  noNewPrivilegesSteps,
  seccompSteps,
} from "mini-docker/07-security";

export function confineSteps(o: Confinement): Step[] {
  const { user, capabilities = {}, held, noNewPrivileges = false, seccomp, canSetGroups } = o;
  return [
    // Only who may administrate can hand in a filter, and only who may set capabilities can lower the bound.
    ...(seccomp ? seccompSteps(seccomp.filter, seccomp.flags) : []),
    ...boundingSteps(capabilities, held),
    ...identitySteps(user, canSetGroups),
    // Here both are given up.
    ...capabilitySteps(capabilities),
    ...(noNewPrivileges ? noNewPrivilegesSteps() : []),
  ];
}
