// How much room a container takes: what it wrote itself, and all that it sees.

import { lstatSync, readdirSync } from "node:fs";
import type { Container } from "../container.ts";

export interface ContainerSize {
  /** What the container added to its image. */
  writtenBytes: number;
  /** With the image, which it may share with others. */
  totalBytes: number;
}

/** Looks at every file: on a disk that is a matter of seconds for a large image. */
export function containerSize({ record, folder }: Container): ContainerSize {
  if (typeof record.rootfs === "object") return { writtenBytes: 0, totalBytes: treeBytes(record.rootfs.directory) };
  const own = treeBytes(folder.upper);
  const image = record.layers.reduce((sum, layer) => sum + treeBytes(layer), 0);
  if (record.rootfs === "copy") return { writtenBytes: Math.max(0, own - image), totalBytes: own };
  return { writtenBytes: own, totalBytes: own + image };
}

/** Contents of all files, one with several names once. Directories and what a disk needs besides don't count. */
export function treeBytes(top: string): number {
  const seen = new Set<string>();
  const bytesOf = (path: Buffer): number => {
    const stats = orNothing(() => lstatSync(path));
    if (stats?.isDirectory()) return namesIn(path).reduce((sum, name) => sum + bytesOf(below(path, name)), 0);
    if (!stats || isKnown(seen, `${stats.dev}:${stats.ino}`)) return 0;
    return stats.size;
  };
  return bytesOf(Buffer.from(top));
}

/** As bytes, since a name need not be UTF-8. */
function namesIn(directory: Buffer): Buffer[] {
  return orNothing(() => readdirSync(directory, { encoding: "buffer" })) ?? [];
}

/** What vanishes meanwhile takes no room, and what lies so deep that no path leads there isn't counted. */
function orNothing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (["ENOENT", "ENAMETOOLONG"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function below(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.from("/"), name]);
}

function isKnown(seen: Set<string>, key: string): boolean {
  const known = seen.has(key);
  seen.add(key);
  return known;
}
