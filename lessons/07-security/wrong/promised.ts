// goal bound: promised

import type { Step } from "mini-docker/01-syscalls";
import {
  type Confinement,
  capabilitySteps,
  identitySteps,
  noNewPrivilegesSteps,
  seccompSteps,
} from "mini-docker/07-security";

export function confineSteps({ user, capabilities = {}, seccomp, canSetGroups }: Confinement): Step[] {
  return [
    ...identitySteps(user, canSetGroups),
    ...capabilitySteps(capabilities),
    ...noNewPrivilegesSteps(),
    ...seccompSteps(seccomp!.filter),
  ];
}
