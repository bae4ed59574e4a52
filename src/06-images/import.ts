// An image of one layer, from a file tree that somebody has packed: whatever `export`, tar or a bootstrapping tool made.
// The archive becomes the layer as it is, compressed or not, and is read once on the way: to know its digest unpacked,
// and that there is a file tree in it.

import type { Hash } from "node:crypto";
import { existsSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { componentsOf } from "./beneath.ts";
import { BlobDraft, writeBlob } from "./blobs.ts";
import { collectGarbage, sweepDrafts } from "./collect.ts";
import type { ImageConfig, ProcessConfig } from "./config.ts";
import { decompress, readPieces } from "./decompress.ts";
import { type Digest, newHash } from "./digest.ts";
import { named } from "./failure.ts";
import { changeIndex, nameEntry } from "./layout.ts";
import type { LoadInput } from "./load.ts";
import { layerDescriptor } from "./load-docker.ts";
import { keepStore } from "./lock.ts";
import { type Descriptor, MEDIA } from "./manifest.ts";
import { hostPlatform, type Platform } from "./platform.ts";
import { TarReader, type TarSink } from "./tar.ts";

export interface ImportOptions {
  /** Full; the image has none unless said. */
  name?: string | undefined;
  message?: string | undefined;
  /** What the image does by default. */
  defaults?: ProcessConfig | undefined;
  /** This machine's unless said. */
  platform?: Platform | undefined;
}

/** Makes an image of an archive of files, and returns its id. Throws UserError. */
export async function importArchive(root: string, input: LoadInput, options: ImportOptions = {}): Promise<Digest> {
  const what = typeof input === "string" ? input : "-";
  const { message = `Imported from ${what}` } = options;
  if (typeof input === "string" && !existsSync(input)) throw new UserError(`open ${input}: no such file or directory`);
  sweepDrafts(root);
  try {
    return await keeping(root, typeof input === "string" ? readPieces(input) : input, { ...options, message });
  } catch (error) {
    collectGarbage(root);
    throw named(`cannot import ${what === "-" ? "standard input" : what}`, error);
  }
}

async function keeping(root: string, pieces: AsyncIterable<Buffer>, options: ImportOptions): Promise<Digest> {
  const lock = keepStore(root);
  const layer = new BlobDraft(root);
  try {
    const diffId = await readTree(pieces, layer);
    layer.publish();
    const config = writeJson(root, configOf(diffId, options), MEDIA.CONFIG);
    const manifest = { schemaVersion: 2, mediaType: MEDIA.MANIFEST, config, layers: [layerDescriptor(layer)] };
    const platform = options.platform ?? hostPlatform();
    const entry = { ...writeJson(root, manifest, MEDIA.MANIFEST), platform };
    changeIndex(root, (entries) => nameEntry(entries, entry, options.name));
    return config.digest;
  } finally {
    layer.discard();
    lock.close();
  }
}

function writeJson(root: string, value: object, mediaType: string): Descriptor {
  return writeBlob(root, Buffer.from(JSON.stringify(value)), mediaType);
}

function configOf(
  diffId: Digest,
  { defaults = {}, platform = hostPlatform(), message = "" }: ImportOptions,
): ImageConfig {
  const created = new Date().toISOString();
  return {
    created,
    ...platform,
    config: defaults,
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created, comment: message }],
  };
}

/** Copies the archive into the draft; returns the digest of what it unpacks to. */
async function readTree(pieces: AsyncIterable<Buffer>, draft: BlobDraft): Promise<Digest> {
  const hash: Hash = newHash();
  const reader = new TarReader(CHECK);
  for await (const piece of decompress(copied(pieces, draft))) {
    hash.update(piece);
    reader.push(piece);
  }
  reader.end();
  if (draft.size === 0) throw new UserError("it is empty");
  return `sha256:${hash.digest("hex")}`;
}

/** The names are looked at now: better than when a container is made. */
const CHECK: TarSink = {
  entry: ({ name }) => void componentsOf(name),
  content: () => {},
  hole: () => {},
  done: () => {},
};

async function* copied(pieces: AsyncIterable<Buffer>, draft: BlobDraft): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    draft.write(piece);
    yield piece;
  }
}
