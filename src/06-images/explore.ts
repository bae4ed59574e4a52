// What each layer of an image brings, changes and hides. All of it is read from the archives as they are in the store, and
// each is checked against the digest that the image's config promises.

import { UserError } from "../01-syscalls/index.ts";
import { blobPath, hasBlob } from "./blobs.ts";
import { decompress, readPieces } from "./decompress.ts";
import { type Digest, newHash, parseDigest } from "./digest.ts";
import { named } from "./failure.ts";
import { historyOf } from "./history.ts";
import type { Image } from "./image.ts";
import { Picture, type SeenEntry } from "./seen.ts";
import { TarReader } from "./tar.ts";

export interface ExploredLayer {
  digest: Digest;
  diffId: Digest;
  /** As it is stored, so mostly compressed. */
  storedBytes: number;
  /** Of its files' contents. */
  bytes: number;
  /** Of those, what later layers overwrite or hide. */
  wastedBytes: number;
  /** In the order of the archive. Directories that are as they were are left out. */
  entries: SeenEntry[];
}

/** An instruction: it made a layer, by number from 0, or changed the config only. */
export interface ExploredStep {
  createdBy: string;
  layer?: number;
}

export interface Explored {
  id: Digest;
  layers: ExploredLayer[];
  /** Oldest first. */
  steps: ExploredStep[];
}

/** Throws UserError for a layer that is missing or damaged. */
export async function exploreImage(root: string, image: Image): Promise<Explored> {
  const picture = new Picture();
  for (const index of image.layers.keys()) await readLayer(root, image, index, picture);
  const layers = image.layers.map(({ digest, size }, index) => ({
    digest,
    diffId: image.config.rootfs.diff_ids[index]!,
    storedBytes: size,
    bytes: picture.bytesOf(index),
    wastedBytes: picture.wastedBytesOf(index),
    entries: picture.entries[index]!,
  }));
  const steps = historyOf(image).map(({ createdBy, layer }) => ({ createdBy, ...(layer !== undefined && { layer }) }));
  return { id: image.id, layers, steps };
}

async function readLayer(root: string, image: Image, index: number, picture: Picture): Promise<void> {
  const { digest } = image.layers[index]!;
  if (!hasBlob(root, digest)) throw new UserError(`the image store lacks ${digest}`, { hint: "load the image again" });
  try {
    await readArchive(blobPath(root, digest), image.config.rootfs.diff_ids[index]!, picture);
  } catch (error) {
    throw named(`cannot read layer ${index + 1}`, error);
  }
}

async function readArchive(path: string, diffId: Digest, picture: Picture): Promise<void> {
  const { algorithm, hex } = parseDigest(diffId);
  const hash = newHash(algorithm);
  picture.begin();
  const reader = new TarReader({
    entry: (entry) => picture.add(entry),
    content: () => {},
    hole: () => {},
    done: () => {},
  });
  for await (const piece of decompress(readPieces(path))) {
    hash.update(piece);
    reader.push(piece);
  }
  reader.end();
  if (hash.digest("hex") !== hex) throw new UserError("it does not contain what its image promises");
}
