// What a command that stays with a container does with its output, and the keys to leave it by.

import { UserError } from "../01-syscalls/index.ts";
import type { AttachHandlers } from "../10-containers/streams/attach.ts";
import { writeAll } from "./output.ts";

export const CTRL_P_CTRL_Q = [16, 17];

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
