// Whether somebody sits behind a descriptor. The kernel is asked, since what Node knows of terminals takes it 4 ms to load.

import { IOCTL, performOne, step } from "../../01-syscalls/index.ts";

/** More than a `struct termios` has; see ioctl_tty(2). */
const ROOM = 64;

/** Whatever else the kernel says, such as EIO of one that has been hung up, means that nobody does. */
export function isTerminal(fd: number): boolean {
  try {
    performOne(step("ioctl", [fd, IOCTL.TCGETS, { room: ROOM }], { why: "is it a terminal?" }));
    return true;
  } catch {
    return false;
  }
}
