// goal runs: line-cut

import { closeRangeStep, type Step } from "mini-docker/01-syscalls";

export function closeInheritedSteps(): Step[] {
  return [closeRangeStep({ first: 3, why: "all but input and output" })];
}
