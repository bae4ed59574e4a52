// Cleaning up the store: blobs, layers and drafts that no image refers to. What others are about to use isn't referred to
// yet, so this happens only when nobody uses the store (lock.ts); if somebody does, the next clean-up will do it.

import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { blobPath } from "./blobs.ts";
import { type Digest, parseDigest } from "./digest.ts";
import { draftPath } from "./durable.ts";
import { type Reachable, reachableFrom } from "./image.ts";
import { keptBlobs } from "./kept.ts";
import { draftsFolder, imagesFolder, readIndex } from "./layout.ts";
import { lockStore } from "./lock.ts";
import { removeTree } from "./remove-tree.ts";
import { layersFolder } from "./unpack.ts";
import { forget } from "./verified.ts";

/** Removes what nothing refers to; returns the digests of the blobs. Does nothing while the store is in use. */
export function collectGarbage(root: string): Digest[] {
  return alone(root, (drafts) => {
    forgetPartials(root);
    const reachable = reachableFromNames(root);
    return reachable ? collect(root, reachable, drafts) : [];
  });
}

/** Removes what somebody has left who was killed at work. Does nothing while the store is in use. */
export function sweepDrafts(root: string): void {
  alone(root, () => []);
}

/** Nobody is kept waiting for longer than it takes to decide: what goes is a draft by then, and those take their time. */
function alone(root: string, decide: (drafts: string[]) => Digest[]): Digest[] {
  const lock = lockStore(root);
  if (!lock) return [];
  try {
    const drafts = list(draftsFolder(root)).map((name) => join(draftsFolder(root), name));
    const removed = decide(drafts);
    lock.share();
    for (const draft of drafts) removeTree(draft);
    return removed;
  } finally {
    lock.close();
  }
}

/** How long a blob that came in part waits for who goes on with it (partial.ts). */
const KEPT_MS = 24 * 3600 * 1000;

function forgetPartials(root: string): void {
  const folder = join(root, "partial");
  for (const path of list(folder).map((name) => join(folder, name))) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats && stats.mtimeMs < Date.now() - KEPT_MS) rmSync(path, { force: true });
  }
}

/** Undefined where something is damaged or missing: it could have referred to anything, so everything stays. */
function reachableFromNames(root: string): Reachable | undefined {
  try {
    if (!existsSync(join(imagesFolder(root), "index.json"))) return undefined;
    const all = readIndex(root).map((entry) => reachableFrom(root, entry));
    return {
      blobs: [...keptBlobs(root), ...all.flatMap(({ blobs }) => blobs)],
      chainIds: all.flatMap(({ chainIds }) => chainIds),
    };
  } catch {
    return undefined;
  }
}

function collect(root: string, { blobs, chainIds }: Reachable, drafts: string[]): Digest[] {
  const [kept, layers] = [new Set(blobs), new Set(chainIds.map((id) => parseDigest(id).hex))];
  for (const folder of [layersFolder(root, true), layersFolder(root, false)]) {
    for (const name of list(folder)) if (!layers.has(name)) drafts.push(makeDraft(root, join(folder, name)));
  }
  forget(root, (digest) => kept.has(digest));
  const removed = presentBlobs(root).filter((digest) => !kept.has(digest));
  for (const digest of removed) rmSync(blobPath(root, digest), { force: true });
  return removed;
}

/** In one step a layer isn't there any more: whoever is killed while removing it leaves a draft, and not half a layer. */
function makeDraft(root: string, path: string): string {
  const draft = draftPath(draftsFolder(root));
  renameSync(path, draft);
  return draft;
}

function presentBlobs(root: string): Digest[] {
  const folder = join(imagesFolder(root), "blobs");
  return list(folder).flatMap((algorithm) => list(join(folder, algorithm)).map((hex) => `${algorithm}:${hex}`));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
