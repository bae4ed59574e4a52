// One layer's archive, written out as a directory that overlay can use as it is.
//
// Two things are translated. Archives mark deletions by names, `.wh.NAME` and `.wh..wh..opq`; on disk they are what
// overlay looks for (05-overlay/whiteouts.ts). And directories get their mode, owner and times last of all: until then
// only we can enter them, and every new name in them would change their time.

import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  openSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { AT, performOne, S, step, UserError } from "../01-syscalls/index.ts";
import {
  type BytePath,
  isOverlayXattr,
  isWhiteout,
  makeOpaque,
  makeWhiteout,
  setTimes,
  setXattr,
  toBytes,
  toCString,
  toText,
} from "../05-overlay/index.ts";
import { Beneath, makeDirectory, type Place, removeTree } from "./beneath.ts";
import { naming } from "./failure.ts";
import type { TarEntry, TarSink } from "./tar.ts";

const SECOND = 1_000_000_000n;
const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** Bookkeeping of AUFS, which these names come from. */
const AUFS = ".wh..wh.";

type Attributes = Pick<TarEntry, "mode" | "uid" | "gid" | "mtimeNs" | "xattrs">;

export interface LayerOptions {
  /** Give files the owners the archive names; without, all are ours and devices are left out. */
  owners: boolean;
  /** The directories of the layers below, lowest first: a directory this archive doesn't describe is as it is there. */
  below: string[];
}

/** Writes the entries of one layer into `directory`, which exists and is ours alone. */
export class LayerWriter implements TarSink {
  private readonly beneath: Beneath;
  private readonly options: LayerOptions;
  private readonly directories = new Map<BytePath, Attributes>();
  private file: { fd: number; path: BytePath; entry: TarEntry } | undefined;

  constructor(directory: string, options: LayerOptions) {
    this.beneath = new Beneath(directory);
    this.options = options;
    this.describe("");
  }

  entry(entry: TarEntry): void {
    naming(named(entry), () => this.write(entry));
  }

  /** Whiteouts may have content, too; nobody looks at it. */
  content(piece: Buffer): void {
    const { file } = this;
    if (file) naming(named(file.entry), () => writeAll(file.fd, piece));
  }

  done(): void {
    if (!this.file) return;
    const { fd, path, entry } = this.file;
    naming(named(entry), () => this.fileAttributes(fd, path, entry));
    closeSync(fd);
    this.file = undefined;
  }

  /** The archive is complete: directories become what it says they are, the deepest first. */
  finish(): void {
    const deepestFirst = [...this.directories].sort(([a], [b]) => depth(b) - depth(a));
    for (const [path, attributes] of deepestFirst) this.directoryAttributes(path, attributes);
  }

  close(): void {
    if (this.file) closeSync(this.file.fd);
    this.beneath.close();
  }

  private write(entry: TarEntry): void {
    const place = this.beneath.place(entry.name, (made) => this.describe(made));
    const name = place?.name ?? "";
    if (!place) this.top(entry);
    else if (name === OPAQUE) makeOpaque(directoryOf(place));
    else if (name.startsWith(WHITEOUT) && !name.startsWith(AUFS)) this.whiteout(place, name.slice(WHITEOUT.length));
    else if (!name.startsWith(AUFS)) this.make(place, entry);
  }

  private top(entry: TarEntry): void {
    if (entry.type === "directory") this.directories.set("", entry);
  }

  /** A whiteout is about the layers below. What this layer itself has under the name stays, and is all that is seen. */
  private whiteout(place: Place, name: string): void {
    if (name === "" || name === "." || name === "..") throw new UserError("it is no whiteout of anything");
    const path = `${directoryOf(place)}/${name}`;
    const stats = lstatSync(toBytes(path), { throwIfNoEntry: false });
    if (stats?.isDirectory()) makeOpaque(path);
    else if (!stats) makeWhiteout(path);
  }

  private make(place: Place, entry: TarEntry): void {
    const { path } = place;
    if (entry.type === "directory") this.directory(place, entry);
    else if (entry.type === "file") this.open(path, entry);
    else if (!isDevice(entry) || this.options.owners) this.special(path, entry);
  }

  private special(path: BytePath, entry: TarEntry): void {
    this.replacing(path, () => this.makeNode(path, entry));
    if (entry.type !== "link") this.attributes(path, entry);
  }

  private directory({ path, parent, name }: Place, entry: TarEntry): void {
    if (!makeDirectory(path)) this.intoDirectory(path);
    this.directories.set(parent === "" ? name : `${parent}/${name}`, entry);
  }

  /** Whatever has the name becomes a directory; a whiteout one that hides those of its name below. */
  private intoDirectory(path: BytePath): void {
    const stats = lstatSync(toBytes(path));
    if (stats.isDirectory()) return;
    removeTree(path);
    makeDirectory(path);
    if (isWhiteout(stats)) makeOpaque(path);
  }

  private open(path: BytePath, entry: TarEntry): void {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    const fd = this.replacing(path, () => openSync(toBytes(path), flags, 0o600));
    this.file = { fd, path, entry };
  }

  private makeNode(path: BytePath, entry: TarEntry): void {
    const { type, linkName } = entry;
    if (type === "symlink") symlinkSync(toBytes(linkName), toBytes(path));
    else if (type === "link") this.link(linkName, path);
    else performOne(step("mknodat", [AT.FDCWD, toCString(path), ...nodeOf(entry)], { why: "a node of the layer" }));
  }

  /** Only to a file of this layer: link(2) doesn't follow a symbolic link, and the way to it stays beneath. */
  private link(target: BytePath, path: BytePath): void {
    const existing = this.beneath.existing(target);
    if (!existing)
      throw new UserError(`it is a hard link to ${JSON.stringify(toText(target))}, which is not in the layer`);
    linkSync(toBytes(existing), toBytes(path));
  }

  /** Makes something; what has its name gives way, as in every tar. */
  private replacing<T>(path: BytePath, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (lstatSync(toBytes(path)).isDirectory()) this.beneath.forget();
    removeTree(path);
    return make();
  }

  // ---- attributes. A new owner takes away set-user-ID and capabilities, so it comes first; times come last.

  private fileAttributes(fd: number, path: BytePath, { uid, gid, mode, mtimeNs, xattrs }: TarEntry): void {
    if (this.options.owners) fchownSync(fd, uid, gid);
    fchmodSync(fd, mode);
    this.xattrs(path, xattrs);
    if (mtimeNs % SECOND === 0n) futimesSync(fd, Number(mtimeNs / SECOND), Number(mtimeNs / SECOND));
    else setTimes(path, { atimeNs: mtimeNs, mtimeNs });
  }

  /** Of nodes and symbolic links, the latter without a mode of their own. */
  private attributes(path: BytePath, { type, uid, gid, mode, mtimeNs, xattrs }: TarEntry): void {
    if (this.options.owners) lchownSync(toBytes(path), uid, gid);
    if (type !== "symlink") chmodSync(toBytes(path), mode);
    this.xattrs(path, xattrs);
    setTimes(path, { atimeNs: mtimeNs, mtimeNs });
  }

  /** It may have been replaced since it was described: then there is nothing to do. */
  private directoryAttributes(path: BytePath, { uid, gid, mode, mtimeNs, xattrs }: Attributes): void {
    const place = this.beneath.existing(path);
    const fd = place === undefined ? undefined : openDirectory(place);
    if (fd === undefined) return;
    try {
      if (this.options.owners) fchownSync(fd, uid, gid);
      fchmodSync(fd, mode);
      this.xattrs(place!, xattrs);
      setTimes(place!, { atimeNs: mtimeNs, mtimeNs });
    } finally {
      closeSync(fd);
    }
  }

  /** Overlay's own marks could make one layer show another's hidden files. Where an attribute may not be, it is not. */
  private xattrs(path: BytePath, xattrs: Map<string, Buffer>): void {
    for (const [name, value] of xattrs) {
      if (!isOverlayXattr(name)) setXattr(path, name, value, ["EPERM", "EOPNOTSUPP"]);
    }
  }

  /** For a directory that the archive only implies. */
  private describe(path: BytePath): void {
    const known = this.options.below.toReversed().map((layer) => attributesIn(layer, path));
    this.directories.set(path, known.find((attributes) => attributes !== undefined) ?? PLAIN);
  }
}

const PLAIN: Attributes = { mode: 0o755, uid: 0, gid: 0, mtimeNs: 0n, xattrs: new Map() };

function attributesIn(layer: string, path: BytePath): Attributes | undefined {
  const beneath = new Beneath(layer);
  try {
    const place = beneath.directoryPath(path);
    const stats = place === undefined ? undefined : lstatSync(toBytes(`${place}/.`), { bigint: true });
    return (
      stats && {
        mode: Number(stats.mode) & 0o7777,
        uid: Number(stats.uid),
        gid: Number(stats.gid),
        mtimeNs: stats.mtimeNs,
        xattrs: new Map(),
      }
    );
  } finally {
    beneath.close();
  }
}

function openDirectory(path: BytePath): number | undefined {
  try {
    return openSync(toBytes(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
}

/** The directory that a place is in: itself, not the link in /proc that leads to it. */
function directoryOf({ path, name }: Place): BytePath {
  return `${path.slice(0, -name.length)}.`;
}

function isDevice({ type }: TarEntry): boolean {
  return type === "char" || type === "block";
}

const KINDS: Record<string, number> = { char: S.IFCHR, block: S.IFBLK, fifo: S.IFIFO };

/** mknod(2): the kind with a mode, and the number as the kernel packs it (include/linux/kdev_t.h, new_encode_dev). */
function nodeOf({ type, major, minor }: TarEntry): [mode: number, device: number] {
  const device = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  return [KINDS[type]! | 0o600, type === "fifo" ? 0 : device >>> 0];
}

function depth(path: BytePath): number {
  return path === "" ? 0 : path.split("/").length;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

const named =
  ({ name }: TarEntry) =>
  (): string =>
    JSON.stringify(toText(name));
