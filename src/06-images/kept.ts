// Layers that no image has, and that are kept all the same: what the steps of builds came to, so that they need not be made
// again. Each is a small file that names the layer's blob; without the file the blob is garbage (collect.ts).
//
//   ROOT/kept/<key>    {"layer": {"digest": …}, …}

import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "./digest.ts";
import { draftPath } from "./durable.ts";
import { draftsFolder } from "./layout.ts";
import type { Descriptor } from "./manifest.ts";
import { removeTree } from "./remove-tree.ts";

export interface Kept {
  /** In the store as a blob. */
  layer?: Descriptor;
}

const keptFolder = (root: string): string => join(root, "kept");

/** Not worth an fsync: what can't be read is made again. */
export function keep(root: string, key: string, kept: Kept): void {
  mkdirSync(keptFolder(root), { recursive: true, mode: 0o700 });
  const draft = draftPath(draftsFolder(root));
  writeFileSync(draft, JSON.stringify(kept), { mode: 0o600 });
  renameSync(draft, join(keptFolder(root), key));
}

/** What was kept under the key; its blob may be gone. */
export function findKept<T extends Kept>(root: string, key: string): T | undefined {
  try {
    return JSON.parse(readFileSync(join(keptFolder(root), key), "utf8")) as T;
  } catch {
    return undefined;
  }
}

export function keptBlobs(root: string): Digest[] {
  return listKept(root).flatMap(({ layer }) => layer?.digest ?? []);
}

/** All there is, and since when, in milliseconds since 1970. */
export function listKept(root: string): (Kept & { key: string; keptMs: number })[] {
  return namesIn(keptFolder(root)).flatMap((key) => {
    const kept = findKept(root, key);
    const stats = statSync(join(keptFolder(root), key), { throwIfNoEntry: false });
    return kept && stats ? [{ ...kept, key, keptMs: stats.mtimeMs }] : [];
  });
}

/** From now on they are garbage. */
export function forgetKept(root: string): void {
  removeTree(keptFolder(root));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
