// goal only-three: some-left

import { CLOSE_RANGE, closeRangeStep, type Step } from "mini-docker/01-syscalls";

export function closeInheritedSteps(): Step[] {
  return [closeRangeStep({ first: 10, flags: CLOSE_RANGE.CLOEXEC, why: "the first few are our own" })];
}
