// Output goes to its descriptor directly, and not through process.stdout, which takes longer to load than a container to
// start.

import { writeSync } from "node:fs";

/** As a program that SIGPIPE has ended. */
const BROKEN_PIPE = 141;

/** Writes everything, waiting where the reader is slow: so slow a reader slows the container, as in any pipe. */
export function writeAll(fd: number, output: Buffer | string): void {
  for (let rest = typeof output === "string" ? Buffer.from(output) : output; rest.length > 0; ) {
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

export function warn(warning: string): void {
  writeAll(2, `WARNING: ${warning}\n`);
}
