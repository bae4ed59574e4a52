// A program keeps every descriptor that is open when it is executed, whoever opened it and whatever it leads to: a key, a
// socket, a folder of the host's (CVE-2024-21626). Unless the descriptor is marked: close-on-exec. See close_range(2).

import { closeRangeStep } from "./calls.ts";
import { CLOSE_RANGE } from "./flags.ts";
import type { Step } from "./step.ts";

/**
 * Marks all that is open but 0, 1 and 2. The first step in the launcher: what it opens later it marks itself. Marked, and
 * not closed, since at 3 is the line on which the launcher hears from us.
 */
export function closeInheritedSteps(): Step[] {
  return [
    closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "whatever is open here, the program won't get it" }),
  ];
}
