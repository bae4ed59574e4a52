// Layers unpacked, each once, for all images that share them: ROOT/layers/<chain id>/diff. The chain id names a layer
// together with all below it (config.ts), because the archive alone doesn't say what a directory that it only implies
// looks like.
//
// A layer is unpacked into a folder nobody knows, and takes its name once it is complete and its content was what the
// image's config promises. Two processes may do so at once; who is later finds the name taken, and uses that. Nothing is
// synced, as with Docker: it would take longer than unpacking.

import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { blobPath } from "./blobs.ts";
import { checkedLayer, type PromisedLayer } from "./checked-layer.ts";
import { type Digest, parseDigest, shortId } from "./digest.ts";
import { draftPath } from "./durable.ts";
import { named } from "./failure.ts";
import type { Image } from "./image.ts";
import { keepStore } from "./lock.ts";
import { keepsOwners, makesDevices } from "./ownership.ts";
import { familiarName } from "./reference.ts";

export interface UnpackOptions {
  /** A layer's archive, which may still be on its way; the store's blob unless said. */
  archiveOf?: (index: number) => AsyncIterable<Buffer>;
  /** Lets a layer's content through, and throws at its end if it isn't what the image promises. */
  check?: typeof checkedLayer;
  /** This layer's directory is there now. */
  onUnpacked?: (index: number) => void;
}

/**
 * The directories of an image's layers, lowest first; those that are missing are unpacked. A call that finds all in
 * place costs one stat a layer. Throws UserError for a layer that is damaged or tries to leave its directory.
 */
export async function unpackImage(root: string, image: Image, options: UnpackOptions = {}): Promise<string[]> {
  const directories = image.chainIds.map((id) => layerDirectory(root, id));
  if (directories.every((directory) => existsSync(directory))) return directories;
  const lock = keepStore(root);
  try {
    await unpackMissing(root, image, directories, options);
    return directories;
  } finally {
    lock.close();
  }
}

/** Decompressing keeps one processor busy, writing files another: so two at once. */
const AT_ONCE = 2;

/** In their order; each is finished when those below are. If one fails, none goes on. */
async function unpackMissing(root: string, image: Image, directories: string[], options: UnpackOptions): Promise<void> {
  const stop = new AbortController();
  const begun: Promise<void>[] = [];
  for (const [index, directory] of directories.entries()) {
    await begun[index - AT_ONCE]?.catch(() => {});
    const layer = { index, directory, below: directories.slice(0, index), signal: stop.signal };
    const unpacking = unpackUnlessThere(root, image, { ...layer, isReady: begun[index - 1] }, options);
    unpacking.catch((error) => stop.abort(error));
    begun.push(unpacking);
  }
  await Promise.allSettled(begun);
  stop.signal.throwIfAborted();
}

async function unpackUnlessThere(root: string, image: Image, layer: Layer, options: UnpackOptions): Promise<void> {
  layer.signal.throwIfAborted();
  if (!existsSync(layer.directory)) await unpackLayer(root, image, layer, options);
  await layer.isReady;
  options.onUnpacked?.(layer.index);
}

/** Where a layer is, or would be. Layers whose files have no owners of their own are kept apart. */
export function layerDirectory(root: string, chainId: Digest): string {
  return join(layersFolder(root), parseDigest(chainId).hex, "diff");
}

export function layersFolder(root: string, owners: boolean = keepsOwners()): string {
  return join(root, owners ? "layers" : "layers-ownerless");
}

interface Layer {
  index: number;
  directory: string;
  below: string[];
  /** When those are there. */
  isReady: Promise<void> | undefined;
  /** Aborted where another one failed. */
  signal: AbortSignal;
}

async function unpackLayer(root: string, image: Image, layer: Layer, options: UnpackOptions): Promise<void> {
  const { archiveOf, check = checkedLayer } = options;
  const { index, directory } = layer;
  const { layers, config } = image;
  const [blob, diffId] = [layers[index], config.rootfs.diff_ids[index]!];
  if (!blob) throw new UserError(`image ${image.digest} is damaged: its config lists more layers than its manifest`);
  const { removeTree } = await import("./remove-tree.ts");
  const draft = draftPath(join(root, "tmp"));
  try {
    mkdirSync(layersFolder(root), { recursive: true, mode: 0o700 });
    mkdirSync(join(draft, "diff"), { recursive: true, mode: 0o755 });
    const path = blobPath(root, blob.digest);
    const archive = archiveOf?.(index);
    const promised = { digest: blob.digest, diffId };
    const unpacking = { ...layer, directory: join(draft, "diff"), promised, check };
    await writeLayer({ path, ...(archive && { archive }) }, unpacking);
    renameUnlessThere(draft, join(directory, ".."));
  } catch (error) {
    throw named(`cannot unpack layer ${index + 1} of ${nameOf(image)}`, error);
  } finally {
    removeTree(draft);
  }
}

function nameOf({ name, id }: Image): string {
  return name === undefined ? shortId(id) : familiarName(name);
}

interface Unpacking extends Layer {
  promised: PromisedLayer;
  check: typeof checkedLayer;
}

interface Archive {
  /** Where it is, or will be. */
  path: string;
  archive?: AsyncIterable<Buffer>;
}

async function writeLayer({ path, archive }: Archive, unpacking: Unpacking): Promise<void> {
  const { directory, promised, check, below, isReady, signal } = unpacking;
  const { decompress, readPieces } = await import("./decompress.ts");
  const { LayerWriter } = await import("./layer.ts");
  const { TarReader } = await import("./tar.ts");
  const layer = new LayerWriter(directory, { owners: keepsOwners(), devices: makesDevices(), below });
  try {
    const reader = new TarReader(layer);
    // The compressed blob's own digest needs no second look: what it unpacks to is what was promised, or nothing is kept.
    for await (const piece of check(decompress(archive ?? readPieces(path)), promised)) {
      signal.throwIfAborted();
      reader.push(piece);
    }
    reader.end();
    await isReady;
    layer.finish();
  } finally {
    layer.close();
  }
}

/** Whoever was faster has made the same. */
export function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
