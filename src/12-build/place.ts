// Where `COPY` puts what it copies. The destination is resolved by the kernel from the image's root, so that a link in the
// image leads to where it would lead in a container. What is missing on the way is made first, as a directory.

import { closeSync, fstatSync } from "node:fs";
import { O } from "../01-syscalls/index.ts";
import { type BytePath, toBytePath, toText } from "../05-overlay/index.ts";
import type { TarSink } from "../06-images/tar.ts";
import type { TarEntry } from "../06-images/tar-header.ts";
import { optionsIn, ownOwner } from "../10-containers/copy/copy-owners.ts";
import { openFrom, WITHIN } from "../10-containers/copy/descriptors.ts";
import { TreePlacer } from "../10-containers/copy/place-tree.ts";
import { LineMistake } from "./mistake.ts";
import { componentsOf } from "./select.ts";
import { below } from "./walk.ts";

/** What copies get in the place of what the originals have. */
export interface Adornment {
  owner?: { uid: number; gid: number } | undefined;
  /** A mode, or how one is changed. */
  mode?: ((mode: number, isDirectory: boolean) => number) | undefined;
  /** Of the directories that are made on the way, in nanoseconds. */
  madeAtNs?: bigint | undefined;
}

export function placeInto(root: number, adornment: Adornment): Placing {
  return new Placing(root, adornment);
}

export class Placing implements TarSink {
  private readonly root: number;
  private readonly adornment: Adornment;
  private readonly placer: TreePlacer;

  constructor(root: number, adornment: Adornment) {
    this.root = root;
    this.adornment = adornment;
    this.placer = new TreePlacer({ fd: root, path: "", resolve: WITHIN.root }, optionsIn(ownOwner));
  }

  entry(entry: TarEntry): void {
    this.placer.entry(this.adorned(entry));
  }

  content(piece: Buffer): void {
    this.placer.content(piece);
  }

  done(): void {
    this.placer.done();
  }

  /** Takes entries with what they have themselves. */
  get asIs(): TarSink {
    return this.placer;
  }

  /** `mkdir -p`; with the owner that copies get. */
  makeDirectories(path: string): void {
    try {
      this.makeMissing(path);
      this.placer.finish();
    } finally {
      this.placer.close();
    }
  }

  /** Carries `tell` out, which tells entries by their path from the root. */
  place(tell: () => void): void {
    try {
      tell();
      this.placer.finish();
    } finally {
      this.placer.close();
    }
  }

  makeMissing(path: string): void {
    let prefix: BytePath = "";
    for (const name of componentsOf(path)) {
      prefix = below(prefix, toBytePath(name));
      const kind = this.kind(prefix);
      if (kind === "file") throw new LineMistake(`cannot make /${toText(prefix)} a directory: it is a file`);
      if (kind === "directory") continue;
      this.placer.entry({ ...this.adorned(directoryEntry(prefix, this.adornment.madeAtNs)), mode: 0o755 });
      this.placer.done();
    }
  }

  /** The directory that `entry` describes, under the name `path`. */
  makeLike(entry: TarEntry, path: BytePath): void {
    this.entry({ ...entry, name: path });
    this.done();
  }

  /** Through links, inside the root. */
  kind(path: BytePath): "missing" | "directory" | "file" {
    const fd = openFrom(this.root, path, O.PATH, WITHIN.root, ["ENOENT", "ENOTDIR"]);
    if (fd < 0) return "missing";
    try {
      return fstatSync(fd).isDirectory() ? "directory" : "file";
    } finally {
      closeSync(fd);
    }
  }

  requireDirectory(path: BytePath): void {
    if (this.kind(path) === "file") throw new LineMistake(`cannot copy to non-directory: /${toText(path)}`);
  }

  private adorned(entry: TarEntry): TarEntry {
    const { owner, mode } = this.adornment;
    const changed = mode && entry.type !== "symlink" ? mode(entry.mode, entry.type === "directory") : entry.mode;
    return { ...entry, ...owner, mode: changed };
  }
}

function directoryEntry(name: BytePath, mtimeNs: bigint = BigInt(Date.now()) * 1_000_000n): TarEntry {
  const numbers = { mode: 0o755, uid: 0, gid: 0, size: 0, mtimeNs, major: 0, minor: 0 };
  return { type: "directory", name, linkName: "", ...numbers, xattrs: new Map() };
}
