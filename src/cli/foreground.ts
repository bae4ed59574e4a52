// What a command that stays with a container does with its output, and the keys to leave it by.

import { writeSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import type { AttachHandlers } from "../10-containers/attach.ts";

export const CTRL_P_CTRL_Q = [16, 17];

/** As a program that SIGPIPE has ended. */
const BROKEN_PIPE = 141;

export const toOurOutput: AttachHandlers = {
  stdout: (bytes) => writeAll(1, bytes),
  stderr: (bytes) => writeAll(2, bytes),
};

/** Of the streams that `-a` names; of both where it names none. */
export function toOurOutputOf(attach: string[]): AttachHandlers {
  if (attach.length === 0) return toOurOutput;
  return {
    stdout: attach.includes("stdout") ? toOurOutput.stdout : () => {},
    stderr: attach.includes("stderr") ? toOurOutput.stderr : () => {},
  };
}

/** Keys can't be lent from a pipe. Throws UserError in Docker's words. */
export function requireTerminal({ tty, interactive }: { tty: boolean; interactive: boolean }): void {
  if (tty && interactive && !process.stdin.isTTY) {
    throw new UserError("the input device is not a TTY", { exitCode: 1 });
  }
}

/**
 * Writes everything, waiting where the reader is slow: so slow a reader slows the container, as in any pipe. Directly
 * and not through process.stdout, which takes longer to load than a container to start.
 */
export function writeAll(fd: number, bytes: Buffer): void {
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
