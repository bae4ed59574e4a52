// Files that are no files: devices and named pipes, as mknod(2) makes them.

import { S } from "../01-syscalls/index.ts";
import { deviceNumber } from "../02-rootfs/index.ts";
import type { TarEntry } from "./tar-header.ts";

export function isDevice({ type }: TarEntry): boolean {
  return type === "char" || type === "block";
}

const KINDS: Record<string, number> = { char: S.IFCHR, block: S.IFBLK, fifo: S.IFIFO };

/** The arguments of mknod(2): the kind with a mode, and the device's number. */
export function nodeOf({ type, major, minor }: TarEntry): [mode: number, device: number] {
  return [KINDS[type]! | 0o600, type === "fifo" ? 0 : deviceNumber(major, minor)];
}
