// What a command that stays with a container does with its output, and the keys to leave it by.

import type { AttachHandlers } from "../10-containers/attach.ts";

export const CTRL_P_CTRL_Q = [16, 17];

export const toOurOutput: AttachHandlers = {
  stdout: (bytes) => process.stdout.write(bytes),
  stderr: (bytes) => process.stderr.write(bytes),
};
