// A layer out of what was written over other layers: the way back of layer.ts. Overlay's upper directory holds exactly the
// changes; what it marks on disk (05-overlay/whiteouts.ts) becomes names again: `.wh.NAME` for what was deleted, and
// `.wh..wh..opq` in a directory that shows nothing of those below. See the OCI image specification, layer.md.
//
// Where the tree began as a copy of the layers (05-overlay/copy.ts) it is compared with them, and only what differs is told.
//
// Names come sorted, and a directory is told only if it is new, is not what it was, or holds something that is told. That
// its time has changed says nothing: so it does whenever a name in it comes or goes.
//
// Somebody may still be writing there, and change any name at any moment (living.ts). The layers below never change.

import { type BigIntStats, lstatSync, readdirSync, readlinkSync, readSync } from "node:fs";
import {
  type BytePath,
  isOpaque,
  isWhiteout,
  type Marks,
  mergedEntries,
  toBytePath,
  toBytes,
} from "../05-overlay/index.ts";
import { entryOf, tarTypeOf, xattrsOf } from "./file-entry.ts";
import { inDirectory, whileThere, withFile } from "./living.ts";
import type { TarSink } from "./tar.ts";
import type { TarEntry, TarType } from "./tar-header.ts";

export interface Changed {
  /** What was written: an overlay's upper directory, or with `isCopy` the whole tree. */
  upper: string;
  /** The layers it was written over, lowest first. */
  lower: string[];
  isCopy: boolean;
  marks: Marks;
  /** Where something was mounted: what is still empty there, and was made to be mounted on, is no change. */
  mountPoints?: string[];
  /** Who a file belongs to; its owner on disk unless said. */
  ownerOf?: (entry: TarEntry) => { uid: number; gid: number };
  /** Nothing is told to be newer, in nanoseconds since 1970: what SOURCE_DATE_EPOCH asks for. */
  newestNs?: bigint | undefined;
}

/** Tells `sink` the changes. Returns the directories, relative to `upper`, that hide what is below them. */
export function packChanges(changed: Changed, sink: TarSink): BytePath[] {
  const packing = new Packing(changed, sink);
  packing.run();
  return packing.opaque;
}

/** One directory: its name in the archive, itself while it is lent to us, and what it lies on, topmost first. */
interface Folder {
  name: BytePath;
  ours: BytePath;
  below: BytePath[];
  /** Nothing of what is below is seen in it. */
  hides: boolean;
}

const PIECE = 1 << 20;

class Packing {
  readonly opaque: BytePath[] = [];
  private readonly changed: Changed;
  private readonly sink: TarSink;
  /** Directories on the way that nothing has been told of yet, outermost first. */
  private pending: TarEntry[] = [];
  /** Names under which files with several of them were told first, by inode. */
  private readonly linked = new Map<bigint, BytePath>();
  private readonly piece = Buffer.allocUnsafeSlow(PIECE);
  /** Paths that something was mounted on, or on the way to. */
  private readonly given: ReadonlySet<BytePath>;

  constructor(changed: Changed, sink: TarSink) {
    this.changed = changed;
    this.sink = sink;
    this.given = new Set((changed.mountPoints ?? []).flatMap(withParents));
  }

  run(): void {
    const { upper, lower } = this.changed;
    const below = lower.map(toBytePath).reverse();
    inDirectory(toBytePath(upper), (ours) => {
      const [stats, top] = [lstatOf(ours)!, below[0]];
      const isSame = top === undefined || isSameDirectory({ path: ours, stats }, top);
      if (!isSame) this.tell(entryOf(stats, "directory", "."));
      this.folder({ name: "", ours, below, hides: false });
    });
  }

  private folder(folder: Folder): void {
    const names = readdirSync(toBytes(folder.ours), "latin1");
    const gone = this.goneFrom(folder, names);
    for (const name of [...names, ...gone].sort(byBytes)) {
      if (gone.has(name)) this.whiteout(folder, name);
      else this.entry(folder, name);
    }
  }

  /** What a copy lacks of the layers it was made of. */
  private goneFrom({ below, hides }: Folder, names: BytePath[]): Set<BytePath> {
    if (!this.changed.isCopy || hides) return new Set();
    const present = new Set(names);
    return new Set([...mergedEntries(below, this.changed.marks).keys()].filter((name) => !present.has(name)));
  }

  private entry(folder: Folder, name: BytePath): void {
    const path = `${folder.ours}/${name}`;
    const stats = lstatOf(path);
    const type = stats && tarTypeOf(stats);
    const old = folder.hides ? NOTHING : this.seenBelow(folder.below, name);
    if (!stats || type === undefined) return;
    if (!this.changed.isCopy && isWhiteout(stats)) {
      // One for a name that no layer has is a leftover: made and deleted again.
      if (old.isThere) this.whiteout(folder, name);
    } else if (type === "directory") {
      inDirectory(path, (itself) => this.directory(itself, nameIn(folder, name), old));
    } else if (this.given.has(nameIn(folder, name)) && !old.isThere && stats.size === 0n) {
      // An empty file, for something to be mounted on.
    } else if (!this.changed.isCopy || !old.path || !isSameFile({ path, stats }, old.path)) {
      this.node({ path, stats }, type, nameIn(folder, name));
    }
  }

  private directory(path: BytePath, name: BytePath, old: Below): void {
    const found = { path, stats: lstatOf(path)! };
    const entry = { ...entryOf(found.stats, "directory", name), xattrs: xattrsOf(path) };
    const [top] = old.dirs;
    const outside = this.pending;
    this.pending = [...outside, entry];
    const isNew = top === undefined && !this.given.has(name);
    if (isNew || (top !== undefined && !isSameDirectory(found, top))) this.flush();
    const hides = top === undefined || (!this.changed.isCopy && isOpaque(path, this.changed.marks));
    if (hides && top !== undefined) this.hide(name);
    this.folder({ name, ours: path, below: old.dirs, hides });
    // What is still pending was not worth telling; what was told before is told.
    this.pending = this.pending.length === 0 ? [] : outside;
  }

  private hide(name: BytePath): void {
    this.opaque.push(name);
    this.tell(marker(`${name}/.wh..wh..opq`));
  }

  private whiteout(folder: Folder, name: BytePath): void {
    this.tell(marker(nameIn(folder, `.wh.${name}`)));
  }

  private node({ path, stats }: Found, type: TarType, name: BytePath): void {
    if (type === "file") {
      withFile(path, (fd, now) => this.file(fd, now, name));
      return;
    }
    const look = () => ({
      linkName: type === "symlink" ? readlinkSync(toBytes(path), "latin1") : "",
      xattrs: xattrsOf(path),
    });
    const found = whileThere(look);
    if (found) this.tellOnce(stats, { ...entryOf(stats, type, name), ...found });
  }

  private file(fd: number, stats: BigIntStats, name: BytePath): void {
    const xattrs = xattrsOf(`/proc/self/fd/${fd}`, { follow: true });
    this.tellOnce(stats, { ...entryOf(stats, "file", name), xattrs }, fd);
  }

  /** Something, or one more name of what was told. */
  private tellOnce({ nlink, ino }: BigIntStats, entry: TarEntry, fd?: number): void {
    const first = nlink > 1n ? this.linked.get(ino) : undefined;
    if (first === undefined) this.tell(entry, fd);
    else this.tell({ ...entry, type: "link", linkName: first, size: 0 });
    if (first === undefined && nlink > 1n) this.linked.set(ino, entry.name);
  }

  private tell(entry: TarEntry, fd?: number): void {
    this.flush();
    this.sink.entry(this.final(entry));
    if (fd !== undefined) this.contents(fd, entry.size);
    this.sink.done();
  }

  private flush(): void {
    for (const entry of this.pending) {
      this.sink.entry(this.final(entry));
      this.sink.done();
    }
    this.pending = [];
  }

  /** As it shall be: whose, and how old. */
  private final(entry: TarEntry): TarEntry {
    const { newestNs, ownerOf } = this.changed;
    const mtimeNs = newestNs !== undefined && entry.mtimeNs > newestNs ? newestNs : entry.mtimeNs;
    return { ...entry, ...ownerOf?.(entry), mtimeNs };
  }

  /** As many bytes as were announced, however the file changes meanwhile. */
  private contents(fd: number, size: number): void {
    for (let left = size; left > 0; ) {
      const count = readSync(fd, this.piece, 0, Math.min(left, PIECE), null) || this.zeros(left);
      this.sink.content(this.piece.subarray(0, count));
      left -= count;
    }
  }

  private zeros(left: number): number {
    const count = Math.min(left, PIECE);
    this.piece.fill(0, 0, count);
    return count;
  }

  /** What the layers below show under a name. */
  private seenBelow(below: BytePath[], name: BytePath): Below {
    const dirs: BytePath[] = [];
    for (const dir of below) {
      const path = `${dir}/${name}`;
      const stats = lstatOf(path);
      if (stats && !stats.isDirectory()) return belowOf(dirs, isWhiteout(stats) ? undefined : path);
      if (stats) dirs.push(path);
      if (stats && isOpaque(path, this.changed.marks)) break;
    }
    return belowOf(dirs, undefined);
  }
}

interface Found {
  path: BytePath;
  stats: BigIntStats;
}

interface Below {
  isThere: boolean;
  /** Of the file, where it is one. */
  path: BytePath | undefined;
  /** The directories that merge under the name, topmost first. */
  dirs: BytePath[];
}

const NOTHING: Below = { isThere: false, path: undefined, dirs: [] };

function belowOf(dirs: BytePath[], file: BytePath | undefined): Below {
  const isDirectory = dirs.length > 0;
  return { isThere: isDirectory || file !== undefined, path: isDirectory ? undefined : file, dirs };
}

/** `/etc/hosts` → `etc`, `etc/hosts` */
function withParents(path: string): BytePath[] {
  const names = toBytePath(path)
    .split("/")
    .filter((name) => name !== "" && name !== ".");
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function nameIn(folder: Folder, name: BytePath): BytePath {
  return folder.name === "" ? name : `${folder.name}/${name}`;
}

/** Without content, owner and time: it is only a name. */
function marker(name: BytePath): TarEntry {
  const numbers = { mode: 0o600, uid: 0, gid: 0, size: 0, mtimeNs: 0n, major: 0, minor: 0 };
  return { type: "file", name, linkName: "", ...numbers, xattrs: new Map() };
}

function isSameDirectory({ path, stats }: Found, oldPath: BytePath): boolean {
  return hasSameOwner(stats, lstatOf(oldPath)!) && hasSameXattrs(path, oldPath);
}

function isSameFile({ path, stats }: Found, oldPath: BytePath): boolean {
  const old = lstatOf(oldPath)!;
  const isSame = stats.size === old.size && stats.mtimeNs === old.mtimeNs && stats.rdev === old.rdev;
  // What is gone meanwhile is left as it was.
  return isSame && hasSameOwner(stats, old) && (whileThere(() => hasSameXattrs(path, oldPath)) ?? true);
}

/** `mode` includes the kind of file. */
function hasSameOwner(one: BigIntStats, other: BigIntStats): boolean {
  return one.mode === other.mode && one.uid === other.uid && one.gid === other.gid;
}

function hasSameXattrs(one: BytePath, other: BytePath): boolean {
  const text = (path: BytePath) => [...xattrsOf(path)].map(([name, value]) => `${name}=${value.toString("hex")}`);
  return text(one).join() === text(other).join();
}

function byBytes(one: BytePath, other: BytePath): number {
  return one < other ? -1 : 1;
}

function lstatOf(path: BytePath): BigIntStats | undefined {
  return lstatSync(toBytes(path), { bigint: true, throwIfNoEntry: false });
}
