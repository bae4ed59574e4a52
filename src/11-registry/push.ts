// An image from the store to a registry, which must never know of a manifest whose parts it hasn't got: so blobs first, five
// at once as Docker does, then their manifest, and of several platforms the index last. What is sent is what the store
// has, byte for byte, and so the digests are the same on both sides.

import { UserError } from "../01-syscalls/index.ts";
import {
  choosePlatform,
  type Descriptor,
  type Digest,
  familiarName,
  findEntry,
  formatPlatform,
  fullName,
  hasBlob,
  hostPlatform,
  isIndex,
  keepStore,
  nameOfEntry,
  type Platform,
  parseIndex,
  parseManifest,
  parseReference,
  type Reference,
  reachableFrom,
  readBlob,
  readIndex,
} from "../06-images/index.ts";
import { imageEvent, type Roots } from "../10-containers/index.ts";
import { notWritable } from "./absence.ts";
import { atOnce } from "./at-once.ts";
import { endpointOf } from "./endpoint.ts";
import { putManifest } from "./manifests.ts";
import type { OnLayer } from "./progress.ts";
import { Registry, type RegistryOptions } from "./registry.ts";
import { type BlobTarget, sendBlob } from "./send-blob.ts";
import { readSettings } from "./settings.ts";

export interface PushOptions extends RegistryOptions {
  /** Of an image for several platforms, only this one. */
  platform?: Platform | undefined;
  onLayers?: ((layers: Digest[]) => void) | undefined;
  onLayer?: OnLayer | undefined;
}

export interface Pushed {
  /** Of what the tag stands for now. */
  digest: Digest;
  size: number;
}

const BLOBS_AT_ONCE = 5;

/** Pushes the image of this name, which has a tag. Throws UserError. */
export async function pushImage(roots: Roots, reference: Reference, options: PushOptions = {}): Promise<Pushed> {
  const lock = keepStore(roots.root);
  try {
    const entry = localEntry(roots.root, reference, options.platform);
    const { settings = readSettings() } = options;
    const registry = await Registry.connect(endpointOf(reference.domain, settings), { ...options, settings });
    try {
      await pushEntry({ registry, repository: reference.path }, roots.root, { entry, reference }, options);
    } catch (error) {
      throw notWritable(error, reference, registry.isKnown);
    } finally {
      registry.close();
    }
    imageEvent(roots, "push", entry.digest, fullName(reference));
    return { digest: entry.digest, size: entry.size };
  } finally {
    lock.close();
  }
}

/** The tags that the store has of a repository. Throws UserError if there are none. */
export function localTags(root: string, { domain, path }: Pick<Reference, "domain" | "path">): Reference[] {
  const names = readIndex(root).flatMap((entry) => nameOfEntry(entry) ?? []);
  const tags = names.filter((name) => name.startsWith(`${domain}/${path}:`)).map((name) => parseReference(name));
  if (tags.length > 0) return tags;
  throw new UserError(`An image does not exist locally with the tag: ${familiarName(`${domain}/${path}`)}`);
}

/** All of an index only if all of it is here: one often has a single platform. Throws UserError. */
function localEntry(root: string, reference: Reference, platform: Platform | undefined): Descriptor {
  const { domain, path } = reference;
  const entry = findEntry(root, fullName(reference));
  if (!entry) {
    localTags(root, reference);
    throw new UserError(`tag does not exist: ${familiarName(`${domain}/${path}:${reference.tag}`)}`);
  }
  if (!isIndex(entry)) return entry;
  const index = parseIndex(readBlob(root, entry.digest), entry.digest);
  if (platform === undefined && index.manifests.every(({ digest }) => hasBlob(root, digest))) return entry;
  const wanted = platform ?? hostPlatform();
  const chosen = choosePlatform(index, wanted);
  if (hasBlob(root, chosen.digest)) return chosen;
  throw new UserError(`${familiarName(fullName(reference))} was not pulled for ${formatPlatform(wanted)}`);
}

interface Local {
  entry: Descriptor;
  reference: Reference;
}

async function pushEntry(target: BlobTarget, root: string, { entry, reference }: Local, options: PushOptions) {
  const images = isIndex(entry) ? parseIndex(readBlob(root, entry.digest), entry.digest).manifests : [entry];
  const blobs = blobsOf(root, images);
  options.onLayers?.(blobs.layers.map(({ digest }) => digest));
  const others = otherRepositories(root, reference);
  const stop = () => target.registry.close();
  const send = (blob: Descriptor) => {
    const onLayer = blobs.layers.includes(blob) ? options.onLayer : undefined;
    return sendBlob(target, root, blob, { onLayer, others: others(blob.digest) });
  };
  await atOnce(BLOBS_AT_ONCE, [...blobs.layers, ...blobs.configs], send, stop);
  if (isIndex(entry)) for (const image of images) await put(target, root, image, image.digest);
  await put(target, root, entry, reference.tag!);
}

function put(target: BlobTarget, root: string, descriptor: Descriptor, reference: string): Promise<void> {
  const bytes = readBlob(root, descriptor.digest);
  return putManifest(target.registry, target.repository, reference, { descriptor, bytes });
}

/** Each once. */
function blobsOf(root: string, images: Descriptor[]): { layers: Descriptor[]; configs: Descriptor[] } {
  const manifests = images.map(({ digest }) => parseManifest(readBlob(root, digest), digest));
  return {
    layers: unique(manifests.flatMap(({ layers }) => layers)),
    configs: unique(manifests.map(({ config }) => config)),
  };
}

function unique(blobs: Descriptor[]): Descriptor[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

const MOST_OTHERS = 3;

/** Where at this registry a blob may be, too: in repositories whose images we have. */
function otherRepositories(root: string, { domain, path }: Reference): (digest: Digest) => string[] {
  const found = readIndex(root).flatMap((entry) => {
    const name = nameOfEntry(entry);
    const reference = name === undefined ? undefined : parseReference(name);
    if (reference?.domain !== domain || reference.path === path) return [];
    return [{ repository: reference.path, blobs: new Set(blobsReached(root, entry)) }];
  });
  return (digest) => {
    const having = found.filter(({ blobs }) => blobs.has(digest)).map(({ repository }) => repository);
    return [...new Set(having)].slice(0, MOST_OTHERS);
  };
}

/** A damaged image is no reason not to push another. */
function blobsReached(root: string, entry: Descriptor): Digest[] {
  try {
    return reachableFrom(root, entry).blobs;
  } catch {
    return [];
  }
}
