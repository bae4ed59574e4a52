// What a stack of layers shows, worked out in TypeScript the way the kernel does: for each name the topmost layer that
// has it decides. Directories of one name merge until one of them is opaque; a whiteout, or anything that is no
// directory, hides everything below it.
//
// Needed where there is no mounted overlay to look at: to copy layers, and to tell what a container changed.

import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { type BytePath, toBytes } from "./bytes.ts";
import { hasFileWhiteouts, isFileWhiteout, isOpaque, isWhiteout, type Marks } from "./whiteouts.ts";

/** One name in a directory of the merged view. */
export interface MergedEntry {
  name: BytePath;
  /** Where the topmost layer has it: its mode, owner, times and, unless a directory, its contents are what is seen. */
  path: BytePath;
  /** The directories that merge into it, topmost first; empty for everything else. */
  dirs: BytePath[];
}

/** The names seen where the directories `dirs`, topmost first, lie on one another. Symbolic links are never followed. */
export function mergedEntries(dirs: BytePath[], marks: Marks): Map<BytePath, MergedEntry> {
  const stack = new Stack(marks);
  for (const dir of dirs) stack.add(dir);
  return stack.entries;
}

/** The names in one directory as it is on disk. */
export function entriesOf(dir: BytePath): Dirent<string>[] {
  return readdirSync(toBytes(dir), { encoding: "latin1", withFileTypes: true }) as Dirent<string>[];
}

class Stack {
  readonly entries = new Map<BytePath, MergedEntry>();
  /** Names about which lower layers have nothing more to say. */
  private readonly decided = new Set<BytePath>();
  private readonly marks: Marks;

  constructor(marks: Marks) {
    this.marks = marks;
  }

  add(dir: BytePath): void {
    const isHiding = hasFileWhiteouts(dir, this.marks);
    for (const dirent of entriesOf(dir)) {
      if (!this.decided.has(dirent.name)) this.addName(dirent, `${dir}/${dirent.name}`, isHiding);
    }
  }

  private addName(dirent: Dirent<string>, path: BytePath, isHiding: boolean): void {
    const { name } = dirent;
    if (dirent.isDirectory()) this.addDirectory(name, path);
    else this.decided.add(name);
    // Below a directory, what is no directory ends the merging and is not seen itself.
    if (this.entries.has(name) || this.hides(dirent, path, isHiding)) return;
    this.entries.set(name, { name, path, dirs: [] });
  }

  private addDirectory(name: BytePath, path: BytePath): void {
    const known = this.entries.get(name);
    if (known) known.dirs.push(path);
    else this.entries.set(name, { name, path, dirs: [path] });
    if (isOpaque(path, this.marks)) this.decided.add(name);
  }

  private hides(dirent: Dirent<string>, path: BytePath, isHiding: boolean): boolean {
    if (dirent.isCharacterDevice()) return isWhiteout(lstatSync(toBytes(path)));
    return isHiding && dirent.isFile() && isFileWhiteout(path, this.marks);
  }
}
