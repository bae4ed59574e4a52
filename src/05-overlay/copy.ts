// Where overlay is refused (support.ts), a container gets its own copy of the image: the same tree, only slower to make
// and not shared. Everything a file has is kept: owner, mode, times, attributes, hard links, device nodes.

import type { BigIntStats } from "node:fs";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { AT, performOne, step } from "../01-syscalls/index.ts";
import { type BytePath, toBytePath, toBytes, toCString } from "./bytes.ts";
import { type MergedEntry, mergedEntries } from "./merged.ts";
import { setTimes } from "./times.ts";
import { isOverlayXattr, type Marks } from "./whiteouts.ts";
import { getXattr, listXattrs, setXattr } from "./xattrs.ts";

export interface CopyOptions {
  /** Leave owners and device nodes out: an ordinary user can make neither. */
  ownerless?: boolean;
  /** Those that an ordinary user can read if `ownerless`, else root's. */
  marks?: Marks;
}

/** Copies what the layers `lower`, lowest first, show together into the existing, empty directory `to`. */
export function copyLayers(lower: string[], to: string, options: CopyOptions = {}): void {
  new Copy(options).directory(lower.map(toBytePath).reverse(), toBytePath(to));
}

/** Copies what the directory `to` lacks of the directory `from`; what is there already, mounted perhaps, is left alone. */
export function copyMissing(from: string, to: string, options: CopyOptions = {}): void {
  new Copy(options).directory([toBytePath(from)], toBytePath(to), (path) => !existsSync(toBytes(path)));
}

class Copy {
  private readonly marks: Marks;
  private readonly ownerless: boolean;
  /** Where the first name of a file with several was copied to, by device and inode. */
  private readonly linked = new Map<string, BytePath>();

  constructor({ ownerless = false, marks = ownerless ? "user" : "trusted" }: CopyOptions) {
    this.ownerless = ownerless;
    this.marks = marks;
  }

  /** `dirs` are merged, topmost first. `to` exists and is ours alone, so no name in it is a link by surprise. */
  directory(dirs: BytePath[], to: BytePath, isWanted = (_path: BytePath): boolean => true): void {
    for (const entry of mergedEntries(dirs, this.marks).values()) {
      if (isWanted(`${to}/${entry.name}`)) this.entry(entry, `${to}/${entry.name}`);
    }
    // Last, because a directory may be read-only, and because each new name sets its time anew.
    if (dirs[0] !== undefined) this.attributes(dirs[0], to, lstatOf(dirs[0]));
  }

  private entry({ path, dirs }: MergedEntry, to: BytePath): void {
    if (dirs.length > 0) {
      mkdirSync(toBytes(to), { mode: 0o700 });
      this.directory(dirs, to);
      return;
    }
    const stats = lstatOf(path);
    if (!this.link(stats, to) && this.contents(path, stats, to)) this.attributes(path, to, stats);
  }

  /** A second name of a file that is already copied becomes a second name of the copy. */
  private link(stats: BigIntStats, to: BytePath): boolean {
    if (stats.nlink === 1n) return false;
    const file = `${stats.dev}:${stats.ino}`;
    const first = this.linked.get(file);
    if (first === undefined) this.linked.set(file, to);
    else linkSync(toBytes(first), toBytes(to));
    return first !== undefined;
  }

  /** False for what can't be made here. */
  private contents(path: BytePath, stats: BigIntStats, to: BytePath): boolean {
    // Filesystems that share blocks copy nothing until somebody writes.
    if (stats.isFile()) copyFileSync(toBytes(path), toBytes(to), constants.COPYFILE_FICLONE);
    else if (stats.isSymbolicLink()) symlinkSync(readlinkSync(toBytes(path), "buffer"), toBytes(to));
    else if (this.ownerless && (stats.isCharacterDevice() || stats.isBlockDevice())) return false;
    else makeNode(to, stats);
    return true;
  }

  /** In this order: a new owner takes away set-user-ID and capabilities, and times come last. */
  private attributes(path: BytePath, to: BytePath, stats: BigIntStats): void {
    if (!this.ownerless) lchownSync(toBytes(to), Number(stats.uid), Number(stats.gid));
    if (!stats.isSymbolicLink()) chmodSync(toBytes(to), Number(stats.mode) & 0o7777);
    for (const name of listXattrs(path)) this.xattr(path, to, name);
    setTimes(to, stats);
  }

  private xattr(path: BytePath, to: BytePath, name: string): void {
    const value = isOverlayXattr(name) ? undefined : getXattr(path, name);
    if (value) setXattr(to, name, value, this.ownerless ? ["EPERM", "EOPNOTSUPP"] : ["EOPNOTSUPP"]);
  }
}

function lstatOf(path: BytePath): BigIntStats {
  return lstatSync(toBytes(path), { bigint: true });
}

/** Devices, fifos and sockets: all of them is their kind and number. */
function makeNode(to: BytePath, { mode, rdev }: BigIntStats): void {
  performOne(step("mknodat", [AT.FDCWD, toCString(to), mode, rdev], { why: "the same kind of node" }));
}
