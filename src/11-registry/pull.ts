// An image from a registry into the store. Layers are fetched three at once, as Docker does, and unpacked one after the
// other, each while it is still coming. Nothing refers to what was fetched until all is there and right: then, in one
// step, the image gets its name. Whoever is stopped before that leaves what a next pull goes on with.

import { existsSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import {
  changeIndex,
  type Descriptor,
  type Digest,
  formatPlatform,
  fullName,
  hostPlatform,
  type Image,
  isSamePlatform,
  keepStore,
  layerDirectory,
  nameEntry,
  nameOfEntry,
  type Platform,
  parseConfig,
  parseDigest,
  type Reference,
  readBlob,
  readImage,
  readIndex,
  sweepDrafts,
  writeBlob,
} from "../06-images/index.ts";
import { imageEvent, type Roots } from "../10-containers/index.ts";
import { unpackLayers } from "../10-containers/unpack.ts";
import { notReadable } from "./absence.ts";
import { Arrival, type Expected } from "./arrival.ts";
import { atOnce, together } from "./at-once.ts";
import { type Endpoint, pullEndpoints } from "./endpoint.ts";
import { type BlobSource, fetchBlob } from "./fetch-blob.ts";
import type { OnLayer } from "./progress.ts";
import { Registry, type RegistryOptions } from "./registry.ts";
import { type Resolved, resolveImage } from "./resolve.ts";
import { readSettings } from "./settings.ts";

export interface PullOptions extends RegistryOptions {
  /** This machine's unless said. */
  platform?: Platform | undefined;
  /** Its layers, lowest first: now it is known which there are. */
  onLayers?: ((layers: Digest[]) => void) | undefined;
  onLayer?: OnLayer | undefined;
}

export interface Pulled {
  /** `docker.io/library/alpine:latest` */
  name: string;
  /** What the name stands for at the registry. */
  digest: Digest;
  id: Digest;
  /** False if the same was here under this name already. */
  isNew: boolean;
}

const LAYERS_AT_ONCE = 3;

/** Fetches the image that `reference` names and unpacks it. Throws UserError; then the store is as it was. */
export async function pullImage(roots: Roots, reference: Reference, options: PullOptions = {}): Promise<Pulled> {
  sweepDrafts(roots.root);
  const lock = keepStore(roots.root);
  try {
    const { source, resolved } = await find(reference, options);
    try {
      return await pullFound(roots, reference, { source, resolved }, options);
    } finally {
      source.registry.close();
    }
  } finally {
    lock.close();
  }
}

interface Found {
  source: BlobSource;
  resolved: Resolved;
}

/** Mirrors first; one that hasn't got it, or isn't there, is no reason not to ask the registry. */
async function find(reference: Reference, options: PullOptions): Promise<Found> {
  const { settings = readSettings() } = options;
  const [...mirrors] = pullEndpoints(reference.domain, settings);
  const last = mirrors.pop()!;
  for (const mirror of mirrors) {
    const found = await findAt(mirror, reference, { ...options, settings }).catch((error) => {
      options.signal?.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
    });
    if (found) return found;
  }
  return findAt(last, reference, { ...options, settings });
}

async function findAt(endpoint: Endpoint, reference: Reference, options: PullOptions): Promise<Found> {
  const registry = await Registry.connect(endpoint, options);
  const { path: repository, digest, tag } = reference;
  try {
    const platform = options.platform ?? hostPlatform();
    const resolved = await resolveImage(registry, repository, digest ?? tag!, platform);
    return { source: { registry, repository }, resolved };
  } catch (error) {
    registry.close();
    throw notReadable(error, reference, registry.isKnown);
  }
}

async function pullFound(roots: Roots, reference: Reference, found: Found, options: PullOptions): Promise<Pulled> {
  const { root } = roots;
  const { resolved, source } = found;
  options.onLayers?.([...new Set(resolved.manifest.layers.map(({ digest }) => digest))]);
  const entry = entryFor(resolved, options.platform);
  const image = await fetchParts(root, found, entry, options);
  await fetchLayers(root, source, image, options);
  const name = storedName(reference);
  const isNew = !readIndex(root).some((one) => nameOfEntry(one) === name && one.digest === entry.digest);
  changeIndex(root, (entries) => nameEntry(entries, entry, name));
  imageEvent(roots, "pull", image.id, name);
  return { name, digest: resolved.top.descriptor.digest, id: image.id, isNew };
}

/** Who asks for a digest has no tag in mind, whatever else he wrote. */
function storedName({ domain, path, tag, digest }: Reference): string {
  return fullName(
    digest === undefined ? { domain, path, ...(tag !== undefined && { tag }) } : { domain, path, digest },
  );
}

/**
 * What the name will stand for here: all that it stands for at the registry. Only who asks for another machine's image
 * gets that very one under the name, since of an index it is this machine's that is run.
 */
function entryFor({ top, image }: Resolved, platform: Platform | undefined): Descriptor {
  const isForeign = platform !== undefined && !isSamePlatform(hostPlatform(), platform);
  return isForeign ? image.descriptor : top.descriptor;
}

/** The small ones: manifest, index and config. What they say is checked before anything large is fetched. */
async function fetchParts(root: string, { source, resolved }: Found, entry: Descriptor, options: PullOptions) {
  const { top, image, manifest } = resolved;
  await fetchConfig(root, source, manifest.config);
  const config = parseConfig(readBlob(root, manifest.config.digest), manifest.config.digest);
  const count = config.rootfs.diff_ids.length;
  if (count !== manifest.layers.length)
    throw new UserError(
      `${image.descriptor.digest} is damaged: it has ${manifest.layers.length} layers, its config ${count}`,
    );
  requirePlatform(config, options.platform);
  for (const { bytes, descriptor } of new Set([image, top]))
    writeBlob(root, bytes, descriptor.mediaType, parseDigest(descriptor.digest).algorithm);
  return readImage(root, entry, options.platform);
}

const LARGEST_CONFIG = 16 << 20;

async function fetchConfig(root: string, source: BlobSource, config: Descriptor): Promise<void> {
  if (config.size > LARGEST_CONFIG)
    throw new UserError(`${config.digest}, a config, is too large: ${config.size} bytes`);
  await fetchBlob(source, root, config);
}

/** An image without an index says only in its config which machine it is for. */
function requirePlatform(offered: Platform, wanted: Platform | undefined): void {
  if (wanted === undefined || isSamePlatform(wanted, offered)) return;
  throw new UserError(
    `image with platform ${formatPlatform(offered)} does not match the requested platform ${formatPlatform(wanted)}`,
  );
}

async function fetchLayers(root: string, source: BlobSource, image: Image, options: PullOptions): Promise<void> {
  const { signal } = source.registry;
  const arrivals = arrivalsOf(image, { root, signal, onLayer: options.onLayer });
  const of = (index: number) => arrivals.get(image.layers[index]!.digest)!;
  const stop = () => source.registry.close();
  const both = [
    atOnce(LAYERS_AT_ONCE, [...arrivals.values()], (arrival) => arrival.fetch(source), stop),
    unpackLayers(root, image, {
      archiveOf: (index) => of(index).content(),
      onUnpacked: (index) => of(index).unpacked(),
    }),
  ];
  await together(both, stop);
  for (const arrival of arrivals.values()) arrival.unpacked();
}

/** A layer that occurs twice comes once. */
function arrivalsOf({ layers, chainIds }: Image, all: Omit<Expected, "layer" | "isUnpacked">): Map<Digest, Arrival> {
  const isUnpacked = (digest: Digest) =>
    layers.every((layer, index) => layer.digest !== digest || existsSync(layerDirectory(all.root, chainIds[index]!)));
  const unique = new Map(layers.map((layer) => [layer.digest, layer]));
  const arrive = (layer: Descriptor) => new Arrival({ ...all, layer, isUnpacked: isUnpacked(layer.digest) });
  return new Map([...unique].map(([digest, layer]) => [digest, arrive(layer)]));
}
