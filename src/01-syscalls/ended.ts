// How children of this process have ended. wait4(2) tells of each once, and to nobody but its parent.

import { step } from "./calls.ts";
import { addressOf, syscallAside } from "./libc.ts";
import { callNumber } from "./numbers.ts";
import { performOne } from "./perform.ts";

const WNOHANG = 1;

/** Its exit code, or 128 and the number of the signal that ended it; undefined while it lives. */
export function exitCodeIfEnded(pid: number): number | undefined {
  return wait(pid, WNOHANG);
}

/** The same, once it has ended; until then this process does nothing else. */
export function exitCodeAtEnd(pid: number): number {
  return wait(pid, 0)!;
}

/** The same, while this process goes on. It must not exit before: a thread of it waits. */
export async function exitCodeOf(pid: number): Promise<number> {
  const [P_PID, WEXITED, WNOWAIT] = [1, 4, 0x0100_0000];
  for (;;) {
    // waitid(2) leaves it as it is, to be asked for below.
    await syscallAside(callNumber("waitid"), [P_PID, pid, 0, WEXITED | WNOWAIT, 0]);
    const code = exitCodeIfEnded(pid);
    if (code !== undefined) return code;
  }
}

/** The low seven bits of the status are the signal that ended it, the next byte its own code. */
function wait(pid: number, options: number): number | undefined {
  const status = Buffer.allocUnsafeSlow(4);
  const why = "has it ended, and how?";
  const found = performOne(step("wait4", [pid, addressOf(status), options, null], { why, retry: ["EINTR"] }));
  if (found === 0) return undefined;
  const bits = status.readUInt32LE(0);
  const signal = bits & 0x7f;
  return signal === 0 ? (bits >> 8) & 0xff : 128 + signal;
}
