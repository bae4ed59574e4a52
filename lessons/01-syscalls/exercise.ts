// Your turn: the first call of your container. Whatever is open in a process stays open when it becomes another program,
// whoever opened it: meter's key, too. The program is to get its input, output and error output, 0, 1 and 2, and no more.
//
// The launcher makes this call on the host. It has work to do afterwards, and its line to the engine is descriptor 3.
//
//   closeStep({ fd: 7, … })                     close this one
//   closeRangeStep({ first: 7, … })             close 7, 8, 9 … up to the last
//   closeRangeStep({ first: 7, flags: …, … })   the same, in another way: close_range(2) has the flags, and CLOSE_RANGE

import { CLOSE_RANGE, closeRangeStep, closeStep, type Step } from "mini-docker/01-syscalls";

export function closeInheritedSteps(): Step[] {
  return [
    // One is closed. Which number will the next one have?
    closeStep({ fd: 7, why: "the program won't get it", allow: ["EBADF"] }),
  ];
}
