// How much of the disk is whose: what images share counts once. An image takes room twice, packed as it came and unpacked
// for containers; a blob counts as long as it is, a layer as the sum of its files.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { reachableFrom } from "../../06-images/image.ts";
import { blobPath, type Descriptor, type ListedImage, layerDirectory, listImages } from "../../06-images/index.ts";
import { listKept } from "../../06-images/kept.ts";
import { readIndex } from "../../06-images/layout.ts";
import { listVolumes } from "../../09-volumes/index.ts";
import type { Container } from "../container.ts";
import type { Roots } from "../folders.ts";
import { allContainers } from "../settle.ts";
import { volumeUsers } from "../volumes/volumes.ts";
import { mountpointOf } from "./list-volumes.ts";
import { treeBytes } from "./size.ts";

/** All that takes room. */
export interface DiskContents {
  images: ImageRoom[];
  containers: { container: Container; bytes: number }[];
  volumes: VolumeRoom[];
  cache: CacheRoom[];
}

/** One for each image, whatever names it has. */
export interface ImageRoom {
  /** As it is listed; undefined for what is no image, such as a signature. */
  listed: ListedImage | undefined;
  digest: string;
  /** Its blobs and unpacked layers: path → bytes. */
  parts: ReadonlyMap<string, number>;
  bytes: number;
  /** Of these, what other images have as well. */
  sharedBytes: number;
  /** How many containers are made of it. */
  users: number;
}

export interface VolumeRoom {
  name: string;
  bytes: number;
  /** How many containers have it. */
  users: number;
}

/** A layer that a build has kept, or the folder of a cache mount. */
export interface CacheRoom {
  id: string;
  /** BuildKit's words. */
  type: "regular" | "exec.cachemount";
  bytes: number;
  /** Milliseconds since 1970. */
  createdMs: number;
  /** An image has it, too: there it is counted. */
  isShared: boolean;
}

/** Looks at every file there is. */
export async function diskContents(roots: Roots): Promise<DiskContents> {
  const found = await allContainers(roots);
  const containers = found.map((container) => ({ container, bytes: treeBytes(container.folder.upper) }));
  const images = imagesIn(
    roots,
    found.map(({ record }) => record.image.id),
  );
  return { images, containers, volumes: volumesIn(roots), cache: [...keptIn(roots, images), ...cacheMountsIn(roots)] };
}

function volumesIn(roots: Roots): VolumeRoom[] {
  const usersOf = volumeUsers(roots);
  return listVolumes(roots.root).map(({ name }) => {
    return { name, bytes: treeBytes(mountpointOf(roots, name)), users: usersOf(name).length };
  });
}

function imagesIn({ root }: Roots, usedIds: string[]): ImageRoom[] {
  const listed = listImages(root);
  const bytesAt = remembered();
  const entries = new Map(readIndex(root).map((entry) => [entry.digest, entry]));
  const found = [...entries.values()].map((entry) => {
    const image = listed.find(({ digest }) => digest === entry.digest);
    const parts = partsOf(root, entry, bytesAt);
    return { listed: image, digest: entry.digest, parts, users: usedIds.filter((id) => id === image?.id).length };
  });
  const shared = sharedBy(found);
  return found.map((image) => {
    const parts = [...image.parts];
    return { ...image, bytes: sumOf(parts), sharedBytes: sumOf(parts.filter(([path]) => shared.has(path))) };
  });
}

function sharedBy(images: Pick<ImageRoom, "parts">[]): Set<string> {
  const [once, more] = [new Set<string>(), new Set<string>()];
  for (const path of images.flatMap(({ parts }) => [...parts.keys()])) (once.has(path) ? more : once).add(path);
  return more;
}

function sumOf(parts: [path: string, bytes: number][]): number {
  return parts.reduce((sum, [, bytes]) => sum + bytes, 0);
}

function partsOf(root: string, entry: Descriptor, bytesAt: (path: string) => number): Map<string, number> {
  const { blobs, chainIds } = reachableFrom(root, entry);
  const paths = [
    ...blobs.map((digest) => blobPath(root, digest)),
    ...chainIds.map((chain) => layerDirectory(root, chain)),
  ];
  return new Map(paths.map((path) => [path, bytesAt(path)]));
}

/** A layer may have a hundred thousand files, and ten images. */
function remembered(): (path: string) => number {
  const known = new Map<string, number>();
  return (path) => {
    const bytes = known.get(path) ?? treeBytes(path);
    known.set(path, bytes);
    return bytes;
  };
}

/** Several steps may have come to the same layer. */
function keptIn({ root }: Roots, images: ImageRoom[]): CacheRoom[] {
  const known = new Set(images.flatMap(({ parts }) => [...parts.keys()]));
  const layers = new Map(
    listKept(root).flatMap(({ key, layer, keptMs }) => {
      return layer ? [[blobPath(root, layer.digest), { key, keptMs }] as const] : [];
    }),
  );
  return [...layers].map(([path, { key, keptMs }]) => {
    return { id: key, type: "regular", bytes: treeBytes(path), createdMs: keptMs, isShared: known.has(path) };
  });
}

function cacheMountsIn({ root }: Roots): CacheRoom[] {
  const folder = join(root, "build", "mounts");
  return namesIn(folder).map((id) => {
    const path = join(folder, id);
    const createdMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return { id, type: "exec.cachemount", bytes: treeBytes(path), createdMs, isShared: false };
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
