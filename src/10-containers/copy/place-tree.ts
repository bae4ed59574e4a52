// Puts the entries of an archive below a directory of somebody else's, who may be renaming things meanwhile. The directory
// of each entry is opened by the kernel from where we begin; the last name is made so that a link of that name is never
// followed (O_EXCL, mkdir, mknod), and what is of that name already gives way, if it is no directory.

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { AT, O, performOne, step, UserError } from "../../01-syscalls/index.ts";
import { type BytePath, toBytes, toCString, toText } from "../../05-overlay/index.ts";
import { setFileAttributes, setNodeAttributes } from "../../06-images/attributes.ts";
import { skipHole } from "../../06-images/hole.ts";
import { isDevice, nodeOf } from "../../06-images/special-file.ts";
import type { TarSink } from "../../06-images/tar.ts";
import type { TarEntry } from "../../06-images/tar-header.ts";
import { openFrom, pathFrom } from "./descriptors.ts";

/** Where names begin, and which links on the way to a directory count. */
export interface Ground {
  /** A descriptor, and the path from it to the directory where the entries go. */
  fd: number;
  path: BytePath;
  /** One of `WITHIN`. */
  resolve: number;
}

export interface PlaceOptions {
  /** Who the files belong to; undefined: to whoever we are. */
  ownerOf?: ((entry: TarEntry) => { uid: number; gid: number }) | undefined;
  /** Device nodes give power over the machine; without, they are left out, and told. */
  devices: boolean;
  onLeftOut?: (name: string) => void;
}

export class TreePlacer implements TarSink {
  private readonly ground: Ground;
  private readonly options: PlaceOptions;
  private readonly directories = new Map<BytePath, TarEntry>();
  private file: { fd: number; path: BytePath; entry: TarEntry } | undefined;
  /** The directory used last: entries come directory by directory. */
  private last: { path: BytePath; fd: number } | undefined;

  constructor(ground: Ground, options: PlaceOptions) {
    this.ground = ground;
    this.options = options;
  }

  entry(entry: TarEntry): void {
    const names = namesOf(entry.name);
    const name = names.pop();
    // The place itself is as it is.
    if (name === undefined) return;
    const parent = names.join("/");
    const path = pathFrom(this.directory(parent), name);
    if (entry.type === "directory") this.makeDirectory(path, entry, parent === "" ? name : `${parent}/${name}`);
    else if (entry.type === "file") this.file = { fd: this.openNew(path, entry), path, entry };
    else if (isDevice(entry) && !this.options.devices) this.options.onLeftOut?.(toText(entry.name));
    else this.makeNode(path, entry);
  }

  content(piece: Buffer): void {
    if (this.file) writeAll(this.file.fd, piece);
  }

  hole(length: number): void {
    if (this.file) skipHole(this.file.fd, length);
  }

  done(): void {
    if (!this.file) return;
    const { fd, path, entry } = this.file;
    if (entry.storedBytes !== undefined) ftruncateSync(fd, entry.size);
    setFileAttributes({ fd, path }, this.owned(entry), this.options.ownerOf !== undefined);
    closeSync(fd);
    this.file = undefined;
  }

  /** All entries have come: directories get what they are to have, which a name made in them would change again. */
  finish(): void {
    const deepestFirst = [...this.directories].sort(([one], [other]) => depth(other) - depth(one));
    for (const [path, entry] of deepestFirst) this.directoryAttributes(path, entry);
  }

  close(): void {
    if (this.file) closeSync(this.file.fd);
    if (this.last) closeSync(this.last.fd);
  }

  // ---- directories

  /** A descriptor of the directory `path`, below the place; made if it is missing. Good until the next call. */
  private directory(path: BytePath): number {
    if (this.last?.path === path) return this.last.fd;
    const found = this.open(path);
    const fd = found < 0 ? this.makeMissing(path) : found;
    if (this.last) closeSync(this.last.fd);
    this.last = { path, fd };
    return fd;
  }

  private open(path: BytePath): number {
    const { fd, path: start, resolve } = this.ground;
    const from = start === "" ? path : `${start}/${path}`;
    return openFrom(fd, from, O.PATH | O.DIRECTORY, resolve, ["ENOENT"]);
  }

  private makeMissing(path: BytePath): number {
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    mkdirUnlessThere(pathFrom(this.directory(path.slice(0, Math.max(slash, 0))), name), 0o755);
    const fd = this.open(path);
    if (fd >= 0) return fd;
    throw new UserError(`the folder ${JSON.stringify(toText(path))} is gone as soon as it is made`);
  }

  private makeDirectory(path: BytePath, entry: TarEntry, name: BytePath): void {
    if (!mkdirUnlessThere(path, 0o700) && !lstatSync(toBytes(path)).isDirectory()) {
      throw new UserError(`cannot overwrite non-directory ${JSON.stringify(toText(name))} with directory`);
    }
    this.directories.set(name, entry);
  }

  private directoryAttributes(name: BytePath, entry: TarEntry): void {
    const fd = openSync(pathFrom(this.directory(name)), constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      setFileAttributes({ fd, path: `${pathFrom(fd)}/.` }, this.owned(entry), this.options.ownerOf !== undefined);
    } finally {
      closeSync(fd);
    }
  }

  // ---- everything else

  private openNew(path: BytePath, entry: TarEntry): number {
    const { O_WRONLY, O_CREAT, O_EXCL } = constants;
    const open = () => openSync(toBytes(path), O_WRONLY | O_CREAT | O_EXCL, 0o600);
    return this.replacing(path, entry, open) ?? openMounted(path);
  }

  private makeNode(path: BytePath, entry: TarEntry): void {
    const made = this.replacing(path, entry, () => {
      this.node(path, entry);
      return true;
    });
    if (!made) throw new UserError(`${JSON.stringify(toText(entry.name))} is mounted there, and can't be replaced`);
    if (entry.type !== "link") setNodeAttributes(path, this.owned(entry), this.options.ownerOf !== undefined);
  }

  private node(path: BytePath, entry: TarEntry): void {
    const { type, linkName } = entry;
    if (type === "symlink") symlinkSync(toBytes(linkName), toBytes(path));
    else if (type === "link") this.link(linkName, path);
    else performOne(step("mknodat", [AT.FDCWD, toCString(path), ...nodeOf(entry)], { why: "a node of the archive" }));
  }

  /** To a file of the archive: link(2) doesn't follow a link of that name. */
  private link(target: BytePath, path: BytePath): void {
    const names = namesOf(target);
    const name = names.pop() ?? ".";
    const kept = this.last;
    this.last = undefined;
    linkSync(toBytes(pathFrom(this.directory(names.join("/")), name)), toBytes(path));
    if (kept) closeSync(kept.fd);
  }

  /** Makes something in the place of what has its name. Undefined where that is mounted and so can't go. */
  private replacing<T>(path: BytePath, { name }: TarEntry, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    if (lstatSync(toBytes(path)).isDirectory()) {
      throw new UserError(`cannot overwrite directory ${JSON.stringify(toText(name))} with non-directory`);
    }
    try {
      unlinkSync(toBytes(path));
    } catch (error) {
      if (codeOf(error) === "EBUSY") return undefined;
      throw error;
    }
    return make();
  }

  private owned(entry: TarEntry): TarEntry {
    return { ...entry, ...this.options.ownerOf?.(entry) };
  }
}

/** Its components. Throws UserError for a name that climbs, or can't be one. */
function namesOf(path: BytePath): BytePath[] {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (!names.some((name) => name === ".." || name.includes("\0"))) return names;
  throw new UserError(`the archive names a path that it may not: ${JSON.stringify(toText(path))}`);
}

/** False if something has the name already. */
function mkdirUnlessThere(path: BytePath, mode: number): boolean {
  try {
    mkdirSync(toBytes(path), { mode });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** What a file is mounted on keeps its name, as /etc/hosts does; so it gets the new content where it is. */
function openMounted(path: BytePath): number {
  const { O_WRONLY, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(toBytes(path), O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new UserError(`what is mounted there is no file: ${toText(path)}`);
}

function depth(path: BytePath): number {
  return path.split("/").length;
}

export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
