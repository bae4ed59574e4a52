// How state reaches the disk. A reader sees the old file or the new one, whole, also after a crash: write beside it,
// fsync, rename over it. rename(2) is atomic; without fsync(2) a power cut may leave the new name with no contents.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { flockStep, O, openStep, performOne } from "../01-syscalls/index.ts";

export interface WriteOptions {
  mode?: number;
  /** For what a power cut may take, because it means nothing after the next boot. */
  skipSync?: boolean;
}

/** Replaces the file's contents, or leaves it as it was. */
export function writeFileAtomic(
  path: string,
  text: string,
  { mode = 0o600, skipSync = false }: WriteOptions = {},
): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(draft, "w", mode);
    try {
      writeSync(fd, text);
      if (!skipSync) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, path);
  } catch (error) {
    removeFile(draft);
    // A failed write(2) doesn't know of which file.
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}

/** Undefined when there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removing what is gone is success. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** No room is left, on the disk or for this user. */
export function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** An advisory lock on a file, let go by `close` or by the end of this process, however it ends. See flock(2). */
export class Lock {
  /** Whoever inherits it holds the lock as well. */
  readonly fd: number;

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** Undefined when somebody else holds it. */
  static tryTake(path: string, flags = O.RDWR | O.CREAT): Lock | undefined {
    const fd = performOne(openStep({ path, flags, mode: 0o600, why: "the lock is on a file" }));
    const result = performOne(flockStep({ fd, why: "one at a time", allow: ["EAGAIN"] }));
    if (result === 0) return new Lock(fd);
    closeSync(fd);
    return undefined;
  }

  /** Waits its turn without stopping this process's other work. */
  static async take(path: string): Promise<Lock> {
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 50)) {
      const lock = Lock.tryTake(path);
      if (lock) return lock;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
