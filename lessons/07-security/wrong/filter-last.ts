// goal runs: filter-refused

import type { Step } from "mini-docker/01-syscalls";
import { boundingSteps, type Confinement, capabilitySteps, identitySteps, seccompSteps } from "mini-docker/07-security";

export function confineSteps({ user, capabilities = {}, held, seccomp, canSetGroups }: Confinement): Step[] {
  return [
    ...boundingSteps(capabilities, held),
    ...identitySteps(user, canSetGroups),
    ...capabilitySteps(capabilities),
    ...seccompSteps(seccomp!.filter),
  ];
}
