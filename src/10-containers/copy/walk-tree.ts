// Tells somebody of a file, or a folder and all that is below it, as if they were an archive. The files are a container's,
// which may rename them while we look: so each name is opened once, without following it, and whatever is asked after that
// is asked of the descriptor. What isn't a plain file is never opened for reading: a fifo or a device could do anything.

import { type BigIntStats, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { ERRNO, O, RESOLVE } from "../../01-syscalls/index.ts";
import { type BytePath, xattrsOfOpen } from "../../05-overlay/index.ts";
import { entryOf, tarTypeOf } from "../../06-images/file-entry.ts";
import type { TarSink } from "../../06-images/tar.ts";
import type { TarEntry } from "../../06-images/tar-header.ts";
import { lent, linkOf, openFrom, pathFrom, WITHIN } from "./descriptors.ts";

const PIECE = 1 << 20;
const LOOK = O.PATH | O.NOFOLLOW;

export interface WalkOptions {
  /** Devices (stat(2), st_dev) of filesystems whose contents are left out: /proc, /sys and the like. */
  leftOut?: ReadonlySet<bigint> | undefined;
  /** Extended attributes, too: file capabilities are among them. */
  xattrs?: boolean;
  /** Where something is mounted, that is left out, and this said instead. */
  inPlaceOfMounts?: (mounted: TarEntry) => TarEntry;
}

export class TreeWalk {
  /** Of all files' contents that were told so far. */
  bytes = 0;
  private readonly sink: TarSink;
  private readonly options: WalkOptions;
  /** Names under which files with several of them were told first, by device and inode. */
  private readonly linked = new Map<string, BytePath>();
  private readonly piece = Buffer.allocUnsafeSlow(PIECE);

  constructor(sink: TarSink, options: WalkOptions = {}) {
    this.sink = sink;
    this.options = options;
  }

  /** What the descriptor (O.PATH) is of, under the name `as`, with all below it. */
  tell(fd: number, as: BytePath): void {
    const stats = fstatSync(fd, { bigint: true });
    const type = tarTypeOf(stats);
    // An archive has no word for sockets; they mean nothing without the process behind them.
    if (type === undefined) return;
    const entry = entryOf(stats, type, as);
    if (type === "directory") this.directory(fd, entry, stats.dev);
    else if (type === "file") this.file(fd, entry, stats);
    else this.single(type === "symlink" ? { ...entry, linkName: linkOf(fd) } : entry);
  }

  /** Everything in the directory, but not the directory itself. */
  tellContents(fd: number, as: BytePath): void {
    for (const name of readdirSync(pathFrom(fd), "latin1")) this.tellName(fd, name, as === "" ? name : `${as}/${name}`);
  }

  private tellName(fd: number, name: BytePath, as: BytePath): void {
    const within = this.options.inPlaceOfMounts ? WITHIN.strict | RESOLVE.NO_XDEV : WITHIN.strict;
    const inner = openFrom(fd, name, LOOK, within, ["ENOENT", "EXDEV"]);
    if (inner >= 0) lent(inner, () => this.tell(inner, as));
    else if (inner === -ERRNO.EXDEV) this.tellMounted(fd, name, as);
    // Else it is gone since the list was read.
  }

  private tellMounted(fd: number, name: BytePath, as: BytePath): void {
    const inner = openFrom(fd, name, LOOK, WITHIN.strict, ["ENOENT"]);
    if (inner < 0) return;
    const stats = lent(inner, () => fstatSync(inner, { bigint: true }));
    const mounted = { ...entryOf(stats, stats.isDirectory() ? "directory" : "file", as), size: 0 };
    this.single(this.options.inPlaceOfMounts!(mounted));
  }

  private directory(fd: number, entry: TarEntry, device: bigint): void {
    // The dot makes it the directory, and not the link to it.
    const xattrs = this.options.xattrs ? lent(openSync(pathFrom(fd, "."), "r"), xattrsOfOpen) : entry.xattrs;
    this.single({ ...entry, xattrs });
    if (!this.options.leftOut?.has(device)) this.tellContents(fd, entry.name);
  }

  private file(fd: number, entry: TarEntry, { dev, ino, nlink }: BigIntStats): void {
    const key = `${dev}:${ino}`;
    const first = this.linked.get(key);
    if (first === undefined && nlink > 1n) this.linked.set(key, entry.name);
    if (first === undefined) this.whole(fd, entry);
    else this.single({ ...entry, type: "link", linkName: first, size: 0 });
  }

  private whole(fd: number, entry: TarEntry): void {
    lent(openSync(pathFrom(fd), constants.O_RDONLY), (file) => {
      this.sink.entry(this.options.xattrs ? { ...entry, xattrs: xattrsOfOpen(file) } : entry);
      this.contents(file, entry.size);
      this.sink.done();
    });
  }

  /** As many bytes as were announced, however the file changes meanwhile. */
  private contents(file: number, size: number): void {
    for (let left = size; left > 0; ) {
      const count = readSync(file, this.piece, 0, Math.min(left, PIECE), null) || this.zeros(left);
      this.sink.content(this.piece.subarray(0, count));
      left -= count;
      this.bytes += count;
    }
  }

  private zeros(left: number): number {
    const count = Math.min(left, PIECE);
    this.piece.fill(0, 0, count);
    return count;
  }

  private single(entry: TarEntry): void {
    this.sink.entry(entry);
    this.sink.done();
  }
}
