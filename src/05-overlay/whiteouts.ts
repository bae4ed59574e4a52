// How a layer says "this is gone". It can't delete from the layers below it, so it covers them instead:
//
//   whiteout   a character device 0:0 hides whatever has its name further down
//   opaque     a directory marked "y" shows nothing of the directories of its name further down
//
// The mark is an extended attribute: `trusted.overlay.opaque`, which only the host's root can set, or
// `user.overlay.opaque`, the one that counts when overlay is mounted with `userxattr`. Linux 6.7 added a second form of
// whiteout for layers without device nodes: an empty file with the attribute `overlay.whiteout`, in a directory that is
// marked "x". See Documentation/filesystems/overlayfs.rst.

import type { BigIntStats, Stats } from "node:fs";
import { AT, performOne, S, step } from "../01-syscalls/index.ts";
import { type BytePath, toCString } from "./bytes.ts";
import { getXattr, setXattr } from "./xattrs.ts";

/** Which attributes carry overlay's marks: those of root's mounts or those of `userxattr` mounts. */
export type Marks = "trusted" | "user";

/** `stats` come from lstat. */
export function isWhiteout(stats: Stats | BigIntStats): boolean {
  return stats.isCharacterDevice() && Number(stats.rdev) === 0;
}

/** Hides all that lies below the directory at `path`. */
export function isOpaque(path: BytePath, marks: Marks): boolean {
  return opaqueMark(path, marks) === "y";
}

/** In the directory at `path`, files may be whiteouts. */
export function hasFileWhiteouts(path: BytePath, marks: Marks): boolean {
  return opaqueMark(path, marks) === "x";
}

/** The file at `path`, in a directory that `hasFileWhiteouts`, is one. */
export function isFileWhiteout(path: BytePath, marks: Marks): boolean {
  return getXattr(path, `${marks}.overlay.whiteout`) !== undefined;
}

/** Nobody needs privilege for this one device (Linux 5.8). Throws SyscallError. */
export function makeWhiteout(path: BytePath): void {
  const why = "a whiteout hides this name in the layers below";
  performOne(step("mknodat", [AT.FDCWD, toCString(path), S.IFCHR, 0], { why }));
}

/**
 * Marks a directory for both kinds of mount, as far as we may: only the host's root can set the trusted mark, and
 * tmpfs has user attributes from Linux 6.6 on. Throws SyscallError if neither can be set.
 */
export function makeOpaque(path: BytePath): void {
  const isTrusted = setXattr(path, "trusted.overlay.opaque", "y", ["EPERM", "EOPNOTSUPP"]);
  setXattr(path, "user.overlay.opaque", "y", isTrusted ? ["EPERM", "EOPNOTSUPP"] : []);
}

/** Overlay's own bookkeeping: never part of a file, so never copied or packed. */
export function isOverlayXattr(name: string): boolean {
  return /^(trusted|user)\.overlay\./.test(name);
}

function opaqueMark(path: BytePath, marks: Marks): string | undefined {
  return getXattr(path, `${marks}.overlay.opaque`)?.toString();
}
