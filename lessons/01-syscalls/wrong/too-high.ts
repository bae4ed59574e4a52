// goal only-three: some-left

import { CLOSE_RANGE, closeRangeStep, type Step } from "mini-docker/01-syscalls";

export function closeInheritedSteps(): Step[] {
  return [closeRangeStep({ first: 1024, flags: CLOSE_RANGE.CLOEXEC, why: "nobody needs that many" })];
}
