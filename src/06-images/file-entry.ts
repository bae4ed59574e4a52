// What an archive says of a file besides its content: stat(2) in tar's words.

import type { BigIntStats } from "node:fs";
import { S } from "../01-syscalls/index.ts";
import { type BytePath, getXattr, isOverlayXattr, listXattrs } from "../05-overlay/index.ts";
import type { TarEntry, TarType } from "./tar-header.ts";

const TYPES: Record<number, TarType> = {
  [S.IFREG]: "file",
  [S.IFDIR]: "directory",
  [S.IFLNK]: "symlink",
  [S.IFCHR]: "char",
  [S.IFBLK]: "block",
  [S.IFIFO]: "fifo",
};

const KIND_BITS = 0o170000;

/** Undefined for a socket: an archive has no word for it, and it means nothing without the process behind it. */
export function tarTypeOf({ mode }: BigIntStats): TarType | undefined {
  return TYPES[Number(mode) & KIND_BITS];
}

/** The entry of what `stats` (of lstat) are about, under `name`. A link's target and attributes are still missing. */
export function entryOf(stats: BigIntStats, type: TarType, name: BytePath): TarEntry {
  const device = Number(stats.rdev);
  return {
    type,
    name,
    linkName: "",
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: type === "file" ? Number(stats.size) : 0,
    mtimeNs: stats.mtimeNs,
    major: (device >>> 8) & 0xfff,
    minor: (device & 0xff) | ((device >>> 12) & 0xfff00),
    xattrs: new Map(),
  };
}

/**
 * Extended attributes that belong to the file, sorted by name: not overlay's bookkeeping, and not SELinux's labels. With
 * `follow` the path is a descriptor's own, in /proc.
 */
export function xattrsOf(path: BytePath, o: { follow?: boolean } = {}): Map<string, Buffer> {
  const names = listXattrs(path, o).filter((name) => !isOverlayXattr(name) && name !== "security.selinux");
  const pairs = names.sort().map((name) => [name, getXattr(path, name, o)] as const);
  return new Map(pairs.filter((pair): pair is [string, Buffer] => pair[1] !== undefined));
}
