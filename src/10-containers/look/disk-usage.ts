// How much of the disk is whose: what images share counts once. An image takes room twice, packed as it came and unpacked
// for containers; a blob counts as long as it is, a layer as the sum of its files.

import { statSync } from "node:fs";
import { join } from "node:path";
import { reachableFrom } from "../../06-images/image.ts";
import { blobPath, type Descriptor, type Digest, findImage, layerDirectory } from "../../06-images/index.ts";
import { keptBlobs } from "../../06-images/kept.ts";
import { readIndex } from "../../06-images/layout.ts";
import type { Roots } from "../folders.ts";
import { userOf } from "../images.ts";
import { allContainers } from "../settle.ts";
import { treeBytes } from "./size.ts";

export interface DiskUsage {
  total: number;
  /** Those that something uses. */
  active: number;
  bytes: number;
  /** What would be free again if the others were gone. */
  reclaimableBytes: number;
}

/** Looks at every file there is. */
export async function diskUsage(roots: Roots): Promise<Record<"images" | "containers" | "buildCache", DiskUsage>> {
  const images = await imageParts(roots);
  return {
    images: imagesUsage(roots, images),
    containers: await containersUsage(roots),
    buildCache: cacheUsage(roots, images),
  };
}

interface ImageParts {
  blobs: Digest[];
  chainIds: Digest[];
  isUsed: boolean;
}

/** One for each image, whatever names it has. */
async function imageParts(roots: Roots): Promise<ImageParts[]> {
  const isUsed = userOf(roots);
  const entries = new Map(readIndex(roots.root).map((entry) => [entry.digest, entry]));
  const parts = [...entries.values()].map(async (entry) => ({
    ...reachableFrom(roots.root, entry),
    isUsed: isUsed((await idOf(roots, entry)) ?? "") !== undefined,
  }));
  return Promise.all(parts);
}

async function idOf({ root }: Roots, { digest }: Descriptor): Promise<string | undefined> {
  return (await findImage(root, digest).catch(() => undefined))?.id;
}

function imagesUsage(roots: Roots, images: ImageParts[]): DiskUsage {
  const used = images.filter(({ isUsed }) => isUsed);
  const [bytes, neededBytes] = [images, used].map((some) => partsBytes(roots, some)) as [number, number];
  return { total: images.length, active: used.length, bytes, reclaimableBytes: bytes - neededBytes };
}

function partsBytes({ root }: Roots, images: ImageParts[]): number {
  const blobs = new Set(images.flatMap((image) => image.blobs));
  const layers = new Set(images.flatMap(({ chainIds }) => chainIds.map((id) => layerDirectory(root, id))));
  return sum([...blobs].map((digest) => blobBytes(root, digest))) + sum([...layers].map(treeBytes));
}

async function containersUsage(roots: Roots): Promise<DiskUsage> {
  const containers = await allContainers(roots);
  const bytesOf = (some: typeof containers) => sum(some.map(({ folder }) => treeBytes(folder.upper)));
  const active = containers.filter(({ state }) => ["running", "paused", "restarting"].includes(state.status));
  const bytes = bytesOf(containers);
  return { total: containers.length, active: active.length, bytes, reclaimableBytes: bytes - bytesOf(active) };
}

/** Layers that are kept and no image has, and the folders of cache mounts. */
function cacheUsage({ root }: Roots, images: ImageParts[]): DiskUsage {
  const known = new Set(images.flatMap(({ blobs }) => blobs));
  const kept = [...new Set(keptBlobs(root))];
  const own = kept.filter((digest) => !known.has(digest));
  const bytes = sum(own.map((digest) => blobBytes(root, digest))) + treeBytes(join(root, "build", "mounts"));
  return { total: kept.length, active: 0, bytes, reclaimableBytes: bytes };
}

function blobBytes(root: string, digest: Digest): number {
  return statSync(blobPath(root, digest), { throwIfNoEntry: false })?.size ?? 0;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
