// One layer's archive, written out as a directory that overlay can use as it is.
//
// Two things are translated. Archives mark deletions by names, `.wh.NAME` and `.wh..wh..opq`; on disk they are what
// overlay looks for (05-overlay/whiteouts.ts). And directories get their mode, owner and times last of all: until then
// only we can enter them, and every new name in them would change their time.

import { closeSync, constants, ftruncateSync, linkSync, lstatSync, openSync, symlinkSync, writeSync } from "node:fs";
import { AT, performOne, step, UserError } from "../01-syscalls/index.ts";
import {
  type BytePath,
  isWhiteout,
  makeOpaque,
  makeWhiteout,
  toBytes,
  toCString,
  toText,
} from "../05-overlay/index.ts";
import { type Attributes, directoryAttributesIn, setFileAttributes, setNodeAttributes } from "./attributes.ts";
import { Beneath, componentsOf, makeDirectory, type Place } from "./beneath.ts";
import { naming } from "./failure.ts";
import { skipHole } from "./hole.ts";
import { removeTree } from "./remove-tree.ts";
import { isDevice, nodeOf } from "./special-file.ts";
import type { TarSink } from "./tar.ts";
import type { TarEntry } from "./tar-header.ts";
import { meaningOf } from "./whiteout-names.ts";

export interface LayerOptions {
  /** Give files the owners the archive names; without, all are ours. */
  owners: boolean;
  /** Make devices; without, they are left out. */
  devices: boolean;
  /**
   * The directories of the layers below, lowest first: a directory this archive doesn't describe is as it is there. They
   * need to be there only for `finish`.
   */
  below: string[];
}

/** Writes the entries of one layer into `directory`, which exists and is ours alone. */
export class LayerWriter implements TarSink {
  private readonly beneath: Beneath;
  private readonly options: LayerOptions;
  /** With what the archive says of each; nothing for one that it only implies. */
  private readonly directories = new Map<BytePath, Attributes | undefined>([["", undefined]]);
  private file: { fd: number; path: BytePath; entry: TarEntry } | undefined;

  constructor(directory: string, options: LayerOptions) {
    this.beneath = new Beneath(directory);
    this.options = options;
  }

  entry(entry: TarEntry): void {
    naming(named(entry), () => this.write(entry));
  }

  /** Whiteouts may have content, too; nobody looks at it. */
  content(piece: Buffer): void {
    const { file } = this;
    if (file) naming(named(file.entry), () => writeAll(file.fd, piece));
  }

  hole(length: number): void {
    const { file } = this;
    if (file) naming(named(file.entry), () => skipHole(file.fd, length));
  }

  done(): void {
    if (!this.file) return;
    const { fd, path, entry } = this.file;
    if (entry.storedBytes !== undefined) naming(named(entry), () => ftruncateSync(fd, entry.size));
    naming(named(entry), () => setFileAttributes({ fd, path }, entry, this.options.owners));
    closeSync(fd);
    this.file = undefined;
  }

  /** The archive is complete, and so are the layers below: directories become what they should be, the deepest first. */
  finish(): void {
    const deepestFirst = [...this.directories].sort(([a], [b]) => depth(b) - depth(a));
    this.beneath.renew();
    for (const [path, attributes] of deepestFirst) this.finishDirectory(path, attributes ?? this.implied(path));
  }

  close(): void {
    if (this.file) closeSync(this.file.fd);
    this.beneath.close();
  }

  private write(entry: TarEntry): void {
    const meaning = meaningOf(componentsOf(entry.name));
    if (meaning.is === "bookkeeping") return;
    this.beneath.renew();
    const place = this.beneath.place(entry.name, (made) => this.directories.set(made, undefined));
    if (!place) this.top(entry);
    else if (meaning.is === "opaque") makeOpaque(directoryOf(place));
    else if (meaning.is === "whiteout") this.whiteout(place, meaning.hides);
    else this.make(place, entry);
  }

  private top(entry: TarEntry): void {
    if (entry.type === "directory") this.directories.set("", entry);
  }

  /** A whiteout is about the layers below. What this layer itself has under the name stays, and is all that is seen. */
  private whiteout(place: Place, name: BytePath): void {
    const path = `${directoryOf(place)}/${name}`;
    const stats = lstatSync(toBytes(path), { throwIfNoEntry: false });
    if (stats?.isDirectory()) makeOpaque(path);
    else if (!stats) makeWhiteout(path);
  }

  private make(place: Place, entry: TarEntry): void {
    const { path } = place;
    if (entry.type === "directory") this.directory(place, entry);
    else if (entry.type === "file") this.open(path, entry);
    else if (!isDevice(entry) || this.options.devices) this.special(path, entry);
  }

  private special(path: BytePath, entry: TarEntry): void {
    this.replacing(path, () => this.makeNode(path, entry));
    if (entry.type !== "link") setNodeAttributes(path, entry, this.options.owners);
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
    if (!existing) throw new UserError(`it is a hard link to ${quote(target)}, which is not in the layer`);
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

  /** A directory of which the archive says nothing is as it is below. */
  private implied(path: BytePath): Attributes {
    const known = this.options.below.toReversed().map((layer) => directoryAttributesIn(layer, path));
    return known.find((attributes) => attributes !== undefined) ?? PLAIN;
  }

  /** It may have been replaced since it was described: then there is nothing to do. */
  private finishDirectory(path: BytePath, attributes: Attributes): void {
    const place = this.beneath.existing(path);
    const fd = place === undefined ? undefined : openDirectory(place);
    if (fd === undefined) return;
    try {
      setFileAttributes({ fd, path: place! }, attributes, this.options.owners);
    } finally {
      closeSync(fd);
    }
  }
}

/** For a directory that nothing describes. */
const PLAIN: Attributes = { mode: 0o755, uid: 0, gid: 0, mtimeNs: 0n, xattrs: new Map() };

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

function depth(path: BytePath): number {
  return path === "" ? 0 : path.split("/").length;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function quote(name: BytePath): string {
  return JSON.stringify(toText(name));
}

const named = (entry: TarEntry) => (): string => quote(entry.name);
