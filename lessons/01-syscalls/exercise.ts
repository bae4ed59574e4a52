// Your turn: the first call of your container. Whatever is open in a process stays open when it becomes another program,
// whoever opened it: meter's key, too. The program is to get its input, output and error output, 0, 1 and 2, and no more.
//
// The launcher makes this call, on the host. It has work to do afterwards, and hears from the engine on descriptor 3.
//
//   ask.closeStep({ fd, why })                     close(2)         close this one
//   ask.closeRangeStep({ first, why })             close_range(2)   close this one and all above it
//   ask.closeRangeStep({ first, flags: ask.CLOSE_RANGE.…, why })    … in another way
//
// Below, one is closed. `./mini-docker learn check 01` has a key open, and won't tell you where.

import * as ask from "mini-docker/01-syscalls";

export function closeInheritedSteps(): ask.Step[] {
  return [ask.closeStep({ fd: 7, why: "perhaps it is this one", allow: ["EBADF"] })];
}
