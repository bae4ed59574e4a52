// Stage 06, from outside: images by name, their layers as directories, and ways into and out of the store.
//
// What needs tar or zlib is loaded when it is called: `run` from an image that is already unpacked needs neither.

import type { Explored } from "./explore.ts";
import type { Image } from "./image.ts";
import type { ImportOptions } from "./import.ts";
import type { LoadedImage, LoadInput, LoadOptions } from "./load.ts";
import type { SaveOptions } from "./save.ts";

export { baseOnPaper } from "./base-on-paper.ts";
export { blobPath, checkBlob, hasBlob, hasWholeBlob, openBlob, readBlob, writeBlob } from "./blobs.ts";
export { checkedLayer, type PromisedLayer } from "./checked-layer.ts";
export { collectGarbage, sweepDrafts } from "./collect.ts";
export { type Healthcheck, type HistoryEntry, type ImageConfig, type ProcessConfig, parseConfig } from "./config.ts";
export { type Digest, newHash, parseDigest, shortId } from "./digest.ts";
export { writeFileDurably } from "./durable.ts";
export type { Explored, ExploredLayer, ExploredStep } from "./explore.ts";
export {
  ensureEntry,
  ensureImage,
  type FindOptions,
  findEntry,
  findImage,
  isBaseToBeMade,
  noSuchImage,
  storedImage,
} from "./find.ts";
export { makeFolder } from "./folder.ts";
export { type HistoryStep, historyOf } from "./history.ts";
export { type Image, reachableFrom, readImage } from "./image.ts";
export type { ImportOptions } from "./import.ts";
export { whileListed } from "./keep-listed.ts";
export { type LayerTree, layerTree, type TreeLayer } from "./layer-tree.ts";
export { changeIndex, nameEntry, nameOfEntry, readIndex } from "./layout.ts";
export { inspectImage, type ListedImage, listImages } from "./list.ts";
export type { LoadedImage, LoadInput, LoadOptions } from "./load.ts";
export { keepStore, type Lock, takeLock } from "./lock.ts";
export {
  choosePlatform,
  type Descriptor,
  isIndex,
  isManifest,
  type Manifest,
  MEDIA,
  parseIndex,
  parseManifest,
} from "./manifest.ts";
export { createOutputFile, type OutputFile } from "./output-file.ts";
export { keepsOwners } from "./ownership.ts";
export { PartialBlob } from "./partial.ts";
export { formatPlatform, hostPlatform, isSamePlatform, type Platform, parsePlatform } from "./platform.ts";
export { familiarName, fullName, parseReference, type Reference } from "./reference.ts";
export { type IsUsed, type Removed, type RemoveOptions, removeImage } from "./remove.ts";
export { removeTree } from "./remove-tree.ts";
export type { SaveOptions } from "./save.ts";
export type { SeenEntry } from "./seen.ts";
export { tagImage } from "./tag.ts";
export { layerDirectory, type UnpackOptions, unpackImage } from "./unpack.ts";
export { type ListedVariants, listVariants, type Variant } from "./variants.ts";

/** Loads all images of an archive (`docker save` or OCI, compressed or not) or of an OCI layout. Throws UserError. */
export async function loadArchive(root: string, input: LoadInput, options: LoadOptions = {}): Promise<LoadedImage[]> {
  const load = await import("./load.ts");
  return load.loadArchive(root, input, options);
}

/** Gives `write` an archive of the images that `texts` name, as `docker save` makes it. Throws UserError. */
export async function saveImages(
  root: string,
  texts: string[],
  write: (bytes: Buffer) => void,
  options: SaveOptions = {},
): Promise<void> {
  const save = await import("./save.ts");
  return save.saveImages(root, texts, write, options);
}

/** Makes an image of one layer of an archive of files; returns its id. Throws UserError. */
export async function importArchive(root: string, input: LoadInput, options: ImportOptions = {}): Promise<string> {
  const { importArchive } = await import("./import.ts");
  return importArchive(root, input, options);
}

/** What each layer of an image brings, changes and hides. Throws UserError for a layer that is missing or damaged. */
export async function exploreImage(root: string, image: Image): Promise<Explored> {
  const explore = await import("./explore.ts");
  return explore.exploreImage(root, image);
}
