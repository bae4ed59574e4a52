// goal seven: given-back

import type { Step } from "mini-docker/01-syscalls";
import { type Confinement, capabilitySteps, identitySteps, seccompSteps } from "mini-docker/07-security";

export function confineSteps({ user, capabilities = {}, seccomp, canSetGroups }: Confinement): Step[] {
  return [...seccompSteps(seccomp!.filter), ...identitySteps(user, canSetGroups), ...capabilitySteps(capabilities)];
}
