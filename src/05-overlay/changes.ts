// What a container changed, as `docker diff` prints it: A added, C changed, D deleted.
//
// With overlay the upper directory holds exactly that: files written or copied up, whiteouts for what was deleted,
// opaque directories for what was replaced as a whole. With a copy (copy.ts) the two trees are compared; that is the
// same question, if one reads the copy as an upper directory in which every directory is opaque.
//
// A rename shows as what it is to everybody else: one name deleted, one added.

import { type BigIntStats, lstatSync } from "node:fs";
import { type BytePath, toBytePath, toBytes, toText } from "./bytes.ts";
import { entriesOf, type MergedEntry, mergedEntries } from "./merged.ts";
import { isOpaque, isWhiteout, type Marks } from "./whiteouts.ts";
import { getXattr } from "./xattrs.ts";

export interface Change {
  kind: "A" | "C" | "D";
  /** From the container's root: `/etc/passwd`. */
  path: string;
}

/** Changes of the directory `upper` of an overlay on the layers `lower`, lowest first; sorted by path. */
export function changesOf(upper: string, lower: string[], marks: Marks = "trusted"): Change[] {
  return new Comparison(marks, false).run(upper, lower);
}

/** Changes of the whole tree `tree`, which began as a copy of the layers `lower`, lowest first; sorted by path. */
export function changesOfCopy(tree: string, lower: string[], marks: Marks = "trusted"): Change[] {
  return new Comparison(marks, true).run(tree, lower);
}

type Directory = { path: BytePath; ours: BytePath; below: BytePath[] };

class Comparison {
  private readonly marks: Marks;
  private readonly isWhole: boolean;
  private readonly changes: { kind: Change["kind"]; path: BytePath }[] = [];

  constructor(marks: Marks, isWhole: boolean) {
    this.marks = marks;
    this.isWhole = isWhole;
  }

  run(upper: string, lower: string[]): Change[] {
    this.directory({ path: "", ours: toBytePath(upper), below: lower.map(toBytePath).reverse() }, false);
    const sorted = this.changes.sort((a, b) => (a.path < b.path ? -1 : 1));
    return sorted.map(({ kind, path }) => ({ kind, path: toText(path) }));
  }

  /** True if anything in the directory changed. */
  private directory({ path, ours, below }: Directory, isOpaque: boolean): boolean {
    const before = this.changes.length;
    const old = mergedEntries(below, this.marks);
    for (const { name } of entriesOf(ours)) {
      this.entry(`${path}/${name}`, `${ours}/${name}`, old.get(name));
      old.delete(name);
    }
    // Whatever is left was there and is not mentioned: untouched, unless we show nothing of what lies below.
    if (this.isWhole || isOpaque) for (const name of old.keys()) this.add("D", `${path}/${name}`);
    return this.changes.length > before;
  }

  private entry(path: BytePath, ours: BytePath, old: MergedEntry | undefined): void {
    const stats = lstatOf(ours);
    if (!this.isWhole && isWhiteout(stats)) this.whiteout(path, old);
    else if (!stats.isDirectory()) this.file(path, ours, stats, old);
    else if (!old || old.dirs.length === 0) this.newDirectory(path, ours, old);
    else this.oldDirectory({ path, ours, below: old.dirs }, stats);
  }

  /** One for a name that no layer has is a leftover: made and deleted again. */
  private whiteout(path: BytePath, old: MergedEntry | undefined): void {
    if (old) this.add("D", path);
  }

  private file(path: BytePath, ours: BytePath, stats: BigIntStats, old: MergedEntry | undefined): void {
    if (!old) this.add("A", path);
    else if (!this.isWhole || !isSameFile(ours, stats, old.path)) this.add("C", path);
  }

  private newDirectory(path: BytePath, ours: BytePath, old: MergedEntry | undefined): void {
    this.add(old ? "C" : "A", path);
    this.directory({ path, ours, below: [] }, true);
  }

  /** A directory is in the upper one, and has its time changed, as soon as anything in it came or went. That is told there. */
  private oldDirectory(directory: Directory, stats: BigIntStats): void {
    const { path, ours, below } = directory;
    const isInside = this.directory(directory, !this.isWhole && isOpaque(ours, this.marks));
    if (isInside || !hasSameOwner(stats, lstatOf(below[0]!))) this.add("C", path);
  }

  private add(kind: Change["kind"], path: BytePath): void {
    this.changes.push({ kind, path });
  }
}

function isSameFile(path: BytePath, stats: BigIntStats, oldPath: BytePath): boolean {
  const old = lstatOf(oldPath);
  const isSame = stats.size === old.size && stats.mtimeNs === old.mtimeNs && stats.rdev === old.rdev;
  return isSame && hasSameOwner(stats, old) && capability(path) === capability(oldPath);
}

/** `mode` includes the kind of file. */
function hasSameOwner(one: BigIntStats, other: BigIntStats): boolean {
  return one.mode === other.mode && one.uid === other.uid && one.gid === other.gid;
}

function capability(path: BytePath): string | undefined {
  return getXattr(path, "security.capability")?.toString("hex");
}

function lstatOf(path: BytePath): BigIntStats {
  return lstatSync(toBytes(path), { bigint: true });
}
