// Where the names of a layer end up. A layer is somebody else's: it may hold `../../etc/passwd`, or a symbolic link to
// `/etc` and then a file "below" that link. So no path of a layer is ever joined to one of ours. The directory of a name
// is opened by the kernel beneath the layer's own directory, with that as `/` (openat2(2), RESOLVE_IN_ROOT), and what
// happens there happens through the descriptor, to a last component that is a plain name.

import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import { type Errno, O, performOne, RESOLVE, step, struct, UserError } from "../01-syscalls/index.ts";
import { type BytePath, toBytePath, toBytes, toCString, toText } from "../05-overlay/index.ts";

/** Entries come directory by directory: enough for a deep path with its parents. */
const MOST_OPEN = 64;

/** PATH_MAX: the kernel takes no longer ones. */
const LONGEST_PATH = 4096;

/** A place for one name: `path` is a descriptor and the name, and stays inside whatever the name is. */
export interface Place {
  path: BytePath;
  /** The directory's own, as named by the layer; empty for the top. */
  parent: BytePath;
  name: BytePath;
}

/** Names of a path's components. Throws UserError for one that climbs or could not exist. */
export function componentsOf(path: BytePath): BytePath[] {
  if (path.length > LONGEST_PATH)
    throw new UserError(`the layer names a path of ${path.length} bytes: no file can have it`);
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  const isOdd = names.some((name) => name === ".." || name.length > 255 || name.includes("\0"));
  if (isOdd) throw new UserError(`the layer names a path that it may not: ${JSON.stringify(toText(path))}`);
  return names;
}

/** The inside of one directory. Close it. */
export class Beneath {
  private readonly root: number;
  /** Directories by path, the most recently used last. */
  private readonly open = new Map<BytePath, number>();
  private isStale = false;

  constructor(directory: string) {
    this.root = openSync(toBytes(toBytePath(directory)), constants.O_RDONLY | constants.O_DIRECTORY);
  }

  /** Where `path` is; undefined for the top itself. Missing directories are made, and told to `onMade`. */
  place(path: BytePath, onMade: (made: BytePath) => void): Place | undefined {
    const names = componentsOf(path);
    const name = names.pop();
    if (name === undefined) return undefined;
    const parent = names.join("/");
    const fd = this.directory(parent) ?? this.make(names, onMade);
    return { path: `/proc/self/fd/${fd}/${name}`, parent, name };
  }

  /** The place of something that has to exist. */
  existing(path: BytePath): BytePath | undefined {
    const names = componentsOf(path);
    const name = names.pop() ?? ".";
    const fd = this.directory(names.join("/"));
    return fd === undefined ? undefined : `/proc/self/fd/${fd}/${name}`;
  }

  /** The top, or any directory: a path that needs no further name. */
  directoryPath(path: BytePath): BytePath | undefined {
    const fd = this.directory(componentsOf(path).join("/"));
    return fd === undefined ? undefined : `/proc/self/fd/${fd}`;
  }

  /** A directory was replaced: descriptors may lead to where no name leads any more. Places at hand stay as they are. */
  forget(): void {
    this.isStale = true;
  }

  /** To be called when no place is at hand: after `forget`, all directories are looked up anew. */
  renew(): void {
    if (this.isStale) this.closeAll();
  }

  close(): void {
    this.closeAll();
    closeSync(this.root);
  }

  private closeAll(): void {
    for (const fd of this.open.values()) closeSync(fd);
    this.open.clear();
    this.isStale = false;
  }

  /** A descriptor of the directory at `path`; undefined if there is none. */
  private directory(path: BytePath): number | undefined {
    const known = this.open.get(path);
    const fd = known ?? openBeneath(this.root, path === "" ? "." : path);
    if (fd === undefined) return undefined;
    this.open.delete(path);
    this.open.set(path, fd);
    if (this.open.size > MOST_OPEN) this.closeOldest();
    return fd;
  }

  private closeOldest(): void {
    const [path, fd] = this.open.entries().next().value!;
    this.open.delete(path);
    closeSync(fd);
  }

  /** Like `mkdir -p`. Something else in the way, a link to nowhere say, is the layer's fault. */
  private make(names: BytePath[], onMade: (made: BytePath) => void): number {
    for (let count = 1; count <= names.length; count++) {
      const path = names.slice(0, count).join("/");
      if (this.directory(path) !== undefined) continue;
      const parent = this.directory(names.slice(0, count - 1).join("/"));
      if (!makeDirectory(`/proc/self/fd/${parent}/${names[count - 1]}`)) throw blocked(path);
      onMade(path);
    }
    return this.directory(names.join("/"))!;
  }
}

function blocked(path: BytePath): UserError {
  return new UserError(`the layer puts files below ${JSON.stringify(toText(path))}, which is no directory in it`);
}

/** Makes a directory that only we can enter for now. False if something has its name. */
export function makeDirectory(path: BytePath): boolean {
  try {
    mkdirSync(toBytes(path), { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

const NOWHERE: Errno[] = ["ENOENT", "ENOTDIR", "ELOOP"];

function openBeneath(root: number, path: BytePath): number | undefined {
  const how = struct(
    ["flags", "u64", O.PATH | O.DIRECTORY | O.CLOEXEC],
    ["mode", "u64", 0],
    ["resolve", "u64", RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS],
  );
  const why = "the directory, found by the kernel beneath the layer's own";
  const fd = performOne(step("openat2", [root, toCString(path), how, 24], { why, allow: NOWHERE, retry: ["EAGAIN"] }));
  return fd < 0 ? undefined : fd;
}
