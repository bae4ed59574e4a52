// Calls that begin at a descriptor, for which Node's fs has no word. A name that is resolved from a descriptor can't be led
// astray by whoever renames things meanwhile, and a descriptor stays what it is: of the file that was looked at, no other.
// See openat2(2), readlinkat(2), proc_pid_fd(5).

import { closeSync } from "node:fs";
import { addressOf, type Errno, O, performOne, RESOLVE, step, struct } from "../../01-syscalls/index.ts";
import { type BytePath, toCString } from "../../05-overlay/index.ts";

/** Where the way to a name may lead. */
export const WITHIN = {
  /** Links are followed as if the descriptor were `/`. */
  root: RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS,
  /** No link is followed at all, and `..` doesn't climb out. */
  strict: RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS,
} as const;

/** Opens `path` from the descriptor `dir`. Negative for an error of `allow`; throws SyscallError for others. */
export function openFrom(dir: number, path: BytePath, flags: number, resolve: number, allow: Errno[] = []): number {
  const how = struct(["flags", "u64", flags | O.CLOEXEC], ["mode", "u64", 0], ["resolve", "u64", resolve]);
  const args = [dir, toCString(path === "" ? "." : path), how, 24];
  return performOne(step("openat2", args, { why: "what has this name, from here", allow, retry: ["EAGAIN"] }));
}

/** What Node's fs takes for the descriptor itself, or for a plain name in the directory it is of. */
export function pathFrom(fd: number, name?: BytePath): BytePath {
  return name === undefined ? `/proc/self/fd/${fd}` : `/proc/self/fd/${fd}/${name}`;
}

const LONGEST = 4096;

/** Where the symbolic link that `fd` is of (O.PATH, O.NOFOLLOW) leads. */
export function linkOf(fd: number): BytePath {
  const room = Buffer.allocUnsafeSlow(LONGEST);
  const args = [fd, "", addressOf(room), LONGEST];
  return room.toString("latin1", 0, performOne(step("readlinkat", args, { why: "where the link leads" })));
}

/** Lends `work` the descriptor, and closes it. */
export function lent<T>(fd: number, work: (fd: number) => T): T {
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}
