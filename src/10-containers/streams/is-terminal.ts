// Whether somebody sits behind a descriptor. The kernel is asked, since what Node knows of terminals takes it 4 ms to load.

import { IOCTL, performOne, step } from "../../01-syscalls/index.ts";

/** More than a `struct termios` has; see ioctl_tty(2). */
const ROOM = 64;

export function isTerminal(fd: number): boolean {
  const why = "is it a terminal?";
  return (
    performOne(step("ioctl", [fd, IOCTL.TCGETS, { room: ROOM }], { why, allow: ["ENOTTY", "EINVAL", "EBADF"] })) === 0
  );
}
