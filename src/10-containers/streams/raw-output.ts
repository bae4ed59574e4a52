// What a container prints went through a terminal already, its own: there each line feed became carriage return and line
// feed, unless an editor has asked for neither. So ours must add nothing. Node's raw mode is raw for what is typed only;
// it leaves ONLCR on, with which an editor that moves the cursor down by a line feed would find it at the left margin.
// See termios(3), OPOST; Node gives the terminal back as it was, with this.

import { addressOf, IOCTL, performOne, step } from "../../01-syscalls/index.ts";

/** struct termios of the kernel: four words of flags, of which the second is about output, and control characters. */
const SIZE = 64;
const OUTPUT_FLAGS_AT = 4;
const OPOST = 1;

/** On the terminal `fd`, after its raw mode was set. */
export function setRawOutput(fd: number): void {
  const termios = Buffer.allocUnsafeSlow(SIZE);
  const call = (request: number, why: string) => performOne(step("ioctl", [fd, request, addressOf(termios)], { why }));
  call(IOCTL.TCGETS, "how our terminal is set");
  termios.writeUInt32LE((termios.readUInt32LE(OUTPUT_FLAGS_AT) & ~OPOST) >>> 0, OUTPUT_FLAGS_AT);
  call(IOCTL.TCSETS, "it shows what comes as it comes");
}
