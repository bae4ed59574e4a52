import { CLOSE_RANGE, closeRangeStep, type Step } from "mini-docker/01-syscalls";

export function closeInheritedSteps(): Step[] {
  return [
    // Only marked: the launcher goes on using its own, and execve closes whatever has the mark.
    closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "the program gets 0, 1 and 2, and no more" }),
  ];
}
