// A monitor's first client is connected before the monitor exists, so it misses nothing.

import { AF, perform, SOCK, step } from "../../01-syscalls/index.ts";

/** A pair of connected sockets: what the monitor writes to `theirs`, we read from `ours`. */
export function clientSocket(): { ours: number; theirs: number } {
  const { ours, theirs } = perform([
    step("socketpair", [AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0, { out: ["ours", "theirs"] }], {
      why: "the monitor's first client",
    }),
  ]);
  return { ours: ours!, theirs: theirs! };
}
