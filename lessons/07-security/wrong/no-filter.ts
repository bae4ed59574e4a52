// goal filter: no-filter

import type { Step } from "mini-docker/01-syscalls";
import { boundingSteps, type Confinement, capabilitySteps, identitySteps } from "mini-docker/07-security";

export function confineSteps({ user, capabilities = {}, held, canSetGroups }: Confinement): Step[] {
  return [...boundingSteps(capabilities, held), ...identitySteps(user, canSetGroups), ...capabilitySteps(capabilities)];
}
