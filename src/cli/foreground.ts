// What a command that stays with a container does with its output, and the keys to leave it by.

import { writeSync } from "node:fs";
import type { AttachHandlers } from "../10-containers/attach.ts";

export const CTRL_P_CTRL_Q = [16, 17];

/** As a program that SIGPIPE has ended. */
const BROKEN_PIPE = 141;

export const toOurOutput: AttachHandlers = {
  stdout: (bytes) => writeAll(1, bytes),
  stderr: (bytes) => writeAll(2, bytes),
};

/**
 * Writes everything, waiting where the reader is slow: so slow a reader slows the container, as in any pipe. Directly
 * and not through process.stdout, which takes longer to load than a container to start.
 */
function writeAll(fd: number, bytes: Buffer): void {
  for (let rest = bytes; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") process.exit(BROKEN_PIPE);
      if (code !== "EAGAIN") throw error;
      // Somebody who shares the pipe has made it non-blocking.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
