// Tells somebody of files and folders as if they were an archive, sorted by name, leaving out what is not wanted. Each name
// is opened once, from the descriptor of the folder it is in, without following it; so no link in a context or in an image
// leads anywhere else. What isn't a plain file is never opened for reading: a fifo would wait for ever.

import { type BigIntStats, closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { O } from "../01-syscalls/index.ts";
import type { BytePath } from "../05-overlay/index.ts";
import { entryOf, tarTypeOf, xattrsOf } from "../06-images/file-entry.ts";
import type { TarSink } from "../06-images/tar.ts";
import type { TarEntry, TarType } from "../06-images/tar-header.ts";
import { lent, linkOf, openFrom, pathFrom, WITHIN } from "../10-containers/copy/descriptors.ts";
import type { Judgement } from "./ignore.ts";

/** Of a path from the root that the walk began at. */
export type Judge = (path: BytePath) => Judgement;

const PIECE = 1 << 20;
const LOOK = O.PATH | O.NOFOLLOW;

/** One name in an open folder: what it is called from the root on, and in the archive. */
interface Spot {
  parent: number;
  name: BytePath;
  path: BytePath;
  as: BytePath;
}

export class Walk {
  private readonly sink: TarSink;
  private readonly judge: Judge;
  /** Folders that are told only if something in them is, outermost first. */
  private pending: TarEntry[] = [];
  /** Names under which files with several of them were told first, by device and inode. */
  private readonly linked = new Map<string, BytePath>();
  private readonly piece = Buffer.allocUnsafeSlow(PIECE);

  constructor(sink: TarSink, judge: Judge = () => "take") {
    this.sink = sink;
    this.judge = judge;
  }

  /** What is called `spot.name` in the open folder, with all below it. Nothing there is fine. */
  tell(spot: Spot): void {
    const judgement = this.judge(spot.path);
    if (judgement === "leave") return;
    const fd = openFrom(spot.parent, spot.name, LOOK, WITHIN.strict, ["ENOENT"]);
    if (fd >= 0) lent(fd, () => this.opened(fd, spot, judgement === "take"));
  }

  /** Everything in the open folder, whose path is `path`, but not the folder itself. */
  tellContents(folder: number, path: BytePath, as: BytePath): void {
    for (const name of readdirSync(pathFrom(folder), "latin1").sort(byBytes)) {
      this.tell({ parent: folder, name, path: below(path, name), as: below(as, name) });
    }
  }

  /** What the descriptor is of, and no folder: it was found through a link, perhaps. */
  tellOpened(fd: number, as: BytePath): void {
    this.node(fd, as, fstatSync(fd, { bigint: true }));
  }

  private opened(fd: number, { path, as }: Spot, isTaken: boolean): void {
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isDirectory()) this.directory(fd, entryOfOpen(fd, stats, "directory", as), { path, isTaken });
    else if (isTaken) this.node(fd, as, stats);
  }

  private node(fd: number, as: BytePath, stats: BigIntStats): void {
    const type = tarTypeOf(stats);
    if (type === undefined) return;
    const entry = entryOfOpen(fd, stats, type, as);
    if (type === "file") this.file(fd, entry, stats);
    else this.announce(type === "symlink" ? { ...entry, linkName: linkOf(fd) } : entry);
  }

  private directory(fd: number, entry: TarEntry, { path, isTaken }: { path: BytePath; isTaken: boolean }): void {
    const outside = this.pending;
    this.pending = [...outside, entry];
    if (isTaken) this.flush();
    this.tellContents(fd, path, entry.name);
    this.pending = this.pending.length === 0 ? [] : outside;
  }

  private file(fd: number, entry: TarEntry, { dev, ino, nlink }: BigIntStats): void {
    const key = `${dev}:${ino}`;
    const first = nlink > 1n ? this.linked.get(key) : undefined;
    if (first !== undefined) {
      this.announce({ ...entry, type: "link", linkName: first, size: 0 });
      return;
    }
    if (nlink > 1n) this.linked.set(key, entry.name);
    this.flush();
    this.sink.entry(entry);
    this.contents(fd, entry.size);
    this.sink.done();
  }

  /** As many bytes as were announced, however the file changes meanwhile. */
  private contents(fd: number, size: number): void {
    if (size === 0) return;
    const file = openSync(pathFrom(fd), constants.O_RDONLY);
    try {
      for (let left = size; left > 0; ) {
        const count = readSync(file, this.piece, 0, Math.min(left, PIECE), null) || this.zeros(left);
        this.sink.content(this.piece.subarray(0, count));
        left -= count;
      }
    } finally {
      closeSync(file);
    }
  }

  private zeros(left: number): number {
    const count = Math.min(left, PIECE);
    this.piece.fill(0, 0, count);
    return count;
  }

  private announce(entry: TarEntry): void {
    this.flush();
    this.sink.entry(entry);
    this.sink.done();
  }

  private flush(): void {
    for (const entry of this.pending) {
      this.sink.entry(entry);
      this.sink.done();
    }
    this.pending = [];
  }
}

function entryOfOpen(fd: number, stats: BigIntStats, type: TarType, as: BytePath): TarEntry {
  return { ...entryOf(stats, type, as), xattrs: xattrsOf(pathFrom(fd), { follow: true }) };
}

export function below(path: BytePath, name: BytePath): BytePath {
  return path === "" ? name : `${path}/${name}`;
}

function byBytes(one: string, other: string): number {
  return one < other ? -1 : 1;
}
