// Images from an archive as `docker save` writes it: `manifest.json` names a config and layers by their paths in the
// archive. There are no descriptors, so the manifest is made here. The config stays byte for byte what it was, and with
// it the image's id.

import { readFileSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { BlobDraft } from "./blobs.ts";
import { type ImageConfig, parseConfig } from "./config.ts";
import { compressionOf } from "./decompress.ts";
import type { Loadable } from "./load-oci.ts";
import { type Descriptor, MEDIA, parseJson } from "./manifest.ts";
import { fullName, parseReference } from "./reference.ts";
import { type ImageSource, requireDraft } from "./source.ts";

interface Saved {
  Config: string;
  RepoTags: string[] | null;
  Layers: string[];
}

/** The archive's images, one for each name. Throws UserError. `root` is where drafts go. */
export function dockerLoadables(root: string, source: ImageSource, drafts: BlobDraft[]): Loadable[] {
  const saved = parseJson(source.read("manifest.json")!, "manifest.json");
  if (!Array.isArray(saved) || !saved.every(isSaved)) throw new UserError("manifest.json does not list images");
  return saved.flatMap((image) => loadables(root, source, image, drafts));
}

function loadables(
  root: string,
  source: ImageSource,
  { Config, RepoTags, Layers }: Saved,
  drafts: BlobDraft[],
): Loadable[] {
  const config = requireDraft(source, Config);
  const parsed = parseConfig(readFileSync(config.path), Config);
  const layers = Layers.map((path) => requireDraft(source, path));
  check(parsed, config, layers, Config);

  const manifest = manifestDraft(root, config, layers);
  drafts.push(manifest);
  const { os, architecture, variant } = parsed;
  const platform = { os, architecture, ...(variant !== undefined && { variant }) };
  const entry = { mediaType: MEDIA.MANIFEST, digest: manifest.digest, size: manifest.size, platform };
  const names = RepoTags?.length ? RepoTags.map((tag) => fullName(parseReference(tag))) : [undefined];
  return names.map((name) => ({ entry, name, blobs: [...layers, config, manifest] }));
}

/** The file's name is its digest, and a layer that isn't compressed is named in the config. */
function check({ rootfs }: ImageConfig, config: BlobDraft, layers: BlobDraft[], path: string): void {
  const [hex] = /[0-9a-f]{64}/.exec(path) ?? [];
  if (hex && config.digest !== `sha256:${hex}`)
    throw new UserError(`${path} is damaged: its content is not what its name says`);
  if (rootfs.diff_ids.length !== layers.length)
    throw new UserError(`${path} does not fit its image: it has other layers`);
  const wrong = layers.findIndex((layer, index) => isPlain(layer) && layer.digest !== rootfs.diff_ids[index]);
  if (wrong >= 0) throw new UserError(`layer ${wrong + 1} is damaged: it is not ${rootfs.diff_ids[wrong]}`);
}

function manifestDraft(root: string, config: BlobDraft, layers: BlobDraft[]): BlobDraft {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.MANIFEST,
    config: { mediaType: MEDIA.CONFIG, digest: config.digest, size: config.size },
    layers: layers.map(layerDescriptor),
  };
  const draft = new BlobDraft(root);
  draft.write(Buffer.from(JSON.stringify(manifest)));
  return draft;
}

const LAYER_TYPES = { none: MEDIA.LAYER, gzip: MEDIA.LAYER_GZIP, zstd: MEDIA.LAYER_ZSTD };

/** Named by what is in it. */
export function layerDescriptor(layer: BlobDraft): Descriptor {
  return { mediaType: LAYER_TYPES[compression(layer)], digest: layer.digest, size: layer.size };
}

function isPlain(layer: BlobDraft): boolean {
  return compression(layer) === "none";
}

function compression({ start }: BlobDraft) {
  return compressionOf(start);
}

function isSaved(value: unknown): value is Saved {
  const { Config, RepoTags, Layers } = (value ?? {}) as Partial<Saved>;
  const isText = (text: unknown) => typeof text === "string";
  const hasTags = RepoTags === null || RepoTags === undefined || (Array.isArray(RepoTags) && RepoTags.every(isText));
  return isText(Config) && hasTags && Array.isArray(Layers) && Layers.every(isText);
}
