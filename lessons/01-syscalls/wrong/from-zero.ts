// goal has-its-three: none-left

import { CLOSE_RANGE, closeRangeStep, type Step } from "mini-docker/01-syscalls";

export function closeInheritedSteps(): Step[] {
  return [closeRangeStep({ first: 0, flags: CLOSE_RANGE.CLOEXEC, why: "all of them" })];
}
