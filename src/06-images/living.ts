// A tree that somebody may be changing while we look: the files of a container that runs. Its program can put a link to
// the host's /etc where a directory was a moment ago, and whoever goes there by a path follows it. So a directory is
// opened, once, and what is in it named from the descriptor on. One last name is looked at as it is, link or not, and
// what has gone or turned into something else meanwhile is left out: it could as well have gone before.

import { type BigIntStats, closeSync, constants, fstatSync, openSync } from "node:fs";
import { O } from "../01-syscalls/index.ts";
import { type BytePath, toBytes } from "../05-overlay/index.ts";

/** Lends `work` the directory itself, by a path that nobody can lead elsewhere. Nothing if it is none, or not any more. */
export function inDirectory(path: BytePath, work: (directory: BytePath) => void): void {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const fd = whileThere(() => openSync(toBytes(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  // With the dot it is the directory; without, the link in /proc.
  if (fd !== undefined) lent(fd, () => work(`/proc/self/fd/${fd}/.`));
}

/** Lends `work` the file, open, and what it is. A device or a pipe of that name is never opened: that alone can do things. */
export function withFile(path: BytePath, work: (fd: number, stats: BigIntStats) => void): void {
  const found = whileThere(() => openSync(toBytes(path), O.PATH | O.NOFOLLOW));
  if (found === undefined) return;
  lent(found, () => {
    if (!fstatSync(found).isFile()) return;
    const fd = openSync(`/proc/self/fd/${found}`, "r");
    lent(fd, () => work(fd, fstatSync(fd, { bigint: true })));
  });
}

/** What `look` finds out; undefined where there is nothing of that name and kind any more. */
export function whileThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (GONE.has((error as { code?: string }).code ?? "")) return undefined;
    throw error;
  }
}

/** EINVAL is readlink's answer for what is no link. */
const GONE = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EINVAL"]);

function lent(fd: number, work: () => void): void {
  try {
    work();
  } finally {
    closeSync(fd);
  }
}
