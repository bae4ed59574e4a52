// Images into the store, from a directory or an archive: all of it is copied and checked first, then the blobs get their
// names, then the images theirs. Whoever is killed in between leaves drafts and blobs that nothing refers to, which the
// next clean-up removes (collect.ts).

import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import type { BlobDraft } from "./blobs.ts";
import { collectGarbage, sweepDrafts } from "./collect.ts";
import { decompress, readPieces } from "./decompress.ts";
import type { Digest } from "./digest.ts";
import { named, naming } from "./failure.ts";
import { readImage } from "./image.ts";
import { changeIndex, nameEntry, nameOfEntry, readIndex } from "./layout.ts";
import { dockerLoadables } from "./load-docker.ts";
import { chooseEntry, type Loadable, loadOci, ociEntries, onPlatform, storeName } from "./load-oci.ts";
import { keepStore } from "./lock.ts";
import type { Descriptor } from "./manifest.ts";
import type { Platform } from "./platform.ts";
import { ArchiveSource, DirectorySource, type ImageSource } from "./source.ts";
import { TarReader } from "./tar.ts";

export interface LoadedImage {
  /** `docker.io/library/alpine:latest`; none for an image that was saved without. */
  name: string | undefined;
  /** Of its config; undefined if the image is for other machines only. */
  id: Digest | undefined;
  digest: Digest;
}

export interface LoadOptions {
  /** Only this one of an image for several. */
  platform?: Platform;
}

/** What to load: a path (of an archive or of a layout's directory), or an archive as it comes in. */
export type LoadInput = string | AsyncIterable<Buffer>;

/** Loads all images of an archive (`docker save` or OCI, compressed or not) or of an OCI layout. Throws UserError. */
export async function loadArchive(root: string, input: LoadInput, options: LoadOptions = {}): Promise<LoadedImage[]> {
  if (typeof input === "string" && isDirectory(input)) return loadDirectory(root, input, options);
  const what = typeof input === "string" ? input : "standard input";
  const folder = typeof input === "string" ? basename(input) : undefined;
  const source = new ArchiveSource(root);
  return loading(root, source, what, async (drafts) => {
    await readArchive(source, typeof input === "string" ? readPieces(input) : input);
    const isDockers = source.read("manifest.json") !== undefined;
    // Docker gives an image without a name none after the file it is in.
    if (source.read("index.json") && source.read("oci-layout"))
      return allOf(source, isDockers ? undefined : folder, options);
    if (isDockers) return dockerLoadables(root, source, drafts);
    throw new UserError("it has neither an index.json nor a manifest.json, so it is no image");
  });
}

/** Loads one image of an OCI layout's directory, the only one unless `name` says which. Throws UserError. */
export async function loadFromLayout(root: string, directory: string, name?: string): Promise<Descriptor> {
  const source = new DirectorySource(root, directory);
  const folder = basename(directory);
  const wanted = naming(
    () => `cannot load ${directory}`,
    () => chooseEntry(ociEntries(source), name),
  );
  const find = () => {
    const entries = readIndex(root).filter(({ digest }) => digest === wanted.digest);
    return entries.find((entry) => nameOfEntry(entry) === storeName(wanted, folder));
  };
  // The second `run` from the same directory copies nothing.
  if (!find()) await loading(root, source, directory, async () => [loadOci(source, wanted, folder)]);
  return find()!;
}

async function loadDirectory(root: string, directory: string, options: LoadOptions): Promise<LoadedImage[]> {
  const source = new DirectorySource(root, directory);
  return loading(root, source, directory, async () => allOf(source, basename(directory), options));
}

type Find = (drafts: BlobDraft[]) => Promise<Loadable[]>;

/** The store keeps all or nothing. */
async function loading(root: string, source: ImageSource, what: string, find: Find): Promise<LoadedImage[]> {
  sweepDrafts(root);
  try {
    return await keeping(root, source, find);
  } catch (error) {
    collectGarbage(root);
    throw named(`cannot load ${what}`, error);
  }
}

async function keeping(root: string, source: ImageSource, find: Find): Promise<LoadedImage[]> {
  const lock = keepStore(root);
  const drafts: BlobDraft[] = [];
  try {
    return publish(root, await find(drafts));
  } finally {
    source.close();
    for (const draft of drafts) draft.discard();
    lock.close();
  }
}

async function readArchive(source: ArchiveSource, pieces: AsyncIterable<Buffer>): Promise<void> {
  const reader = new TarReader(source);
  for await (const piece of decompress(pieces)) reader.push(piece);
  reader.end();
}

function allOf(source: ImageSource, folder: string | undefined, { platform }: LoadOptions): Loadable[] {
  const entries = ociEntries(source);
  if (entries.length === 0) throw new UserError("its index.json lists no images");
  const chosen = entries.map((entry) => (platform ? onPlatform(source, entry, platform) : entry));
  return chosen.map((entry) => loadOci(source, entry, folder));
}

function publish(root: string, found: Loadable[]): LoadedImage[] {
  const blobs = new Set(found.flatMap((loadable) => loadable.blobs));
  for (const blob of blobs) blob.publish();
  changeIndex(root, (entries) => found.reduce((all, { entry, name }) => nameEntry(all, entry, name), entries));
  return found.map(({ entry, name }) => ({ name, id: idOf(root, entry), digest: entry.digest }));
}

function idOf(root: string, entry: Loadable["entry"]): Digest | undefined {
  try {
    return readImage(root, entry).id;
  } catch {
    return undefined;
  }
}

function isDirectory(path: string): boolean {
  if (!existsSync(path)) throw new UserError(`open ${path}: no such file or directory`);
  return statSync(path).isDirectory();
}
