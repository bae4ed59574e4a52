// From an entry of the store's index to all that is needed to run it: through the index (for the wanted platform) and
// the manifest to the config, each checked against its digest.

import { hasBlob, readBlob } from "./blobs.ts";
import { chainIds, type ImageConfig, parseConfig, requireSameLayers } from "./config.ts";
import { type Digest, digestOf } from "./digest.ts";
import { nameOfEntry } from "./layout.ts";
import {
  choosePlatform,
  type Descriptor,
  isImageConfig,
  isIndex,
  LONGEST_MANIFEST,
  NO_PARTS,
  type Parts,
  parseIndex,
  parseManifest,
  partsOf,
} from "./manifest.ts";
import { formatPlatform, hostPlatform, type Platform } from "./platform.ts";
import { recall, remember } from "./verified.ts";

export interface Image {
  /** The digest of its config. */
  id: Digest;
  /** `docker.io/library/alpine:latest`; none if a newer image took the name. */
  name: string | undefined;
  /** The digest of its manifest. */
  digest: Digest;
  /** The entry of the store's list by which it was found; none for one that isn't in the store. */
  entry?: Descriptor;
  config: ImageConfig;
  /** Lowest first, like everything here that goes by layers. */
  layers: Descriptor[];
  /** The name of the stack up to each layer. */
  chainIds: Digest[];
}

type Unnamed = Omit<Image, "name" | "entry">;

/** The image behind an entry of the index. Throws UserError if it is incomplete, damaged or for other machines. */
export function readImage(root: string, entry: Descriptor, wanted: Platform = hostPlatform()): Image {
  const key = `${entry.digest} ${formatPlatform(wanted)}`;
  const name = nameOfEntry(entry);
  const known = recall<Unnamed>(root, key);
  if (known) return { ...known, name, entry };
  return { ...remember(root, key, (read) => verify(entry, wanted, read)), name, entry };
}

/** All that an entry refers to, on every platform whose manifest is there. */
export interface Reachable {
  blobs: Digest[];
  chainIds: Digest[];
}

/** Throws UserError if something on the way is damaged or missing: then nobody knows what else is referred to. */
export function reachableFrom(root: string, entry: Descriptor): Reachable {
  const [blobs, chains] = [new Set<Digest>(), new Set<Digest>()];
  const manifests = new Map([[entry.digest, entry]]);
  // A map may grow while it is gone through. What two indexes refer to is looked at once.
  for (const manifest of manifests.values()) {
    const parts = storedParts(root, manifest);
    for (const { digest } of [manifest, ...parts.blobs]) blobs.add(digest);
    for (const id of parts.config ? storedChain(root, parts.config) : []) chains.add(id);
    for (const child of parts.manifests) if (!manifests.has(child.digest)) manifests.set(child.digest, child);
  }
  return { blobs: [...blobs], chainIds: [...chains] };
}

/** One often has a single platform of an index: what isn't there refers to nothing. */
function storedParts(root: string, manifest: Descriptor): Parts {
  return hasBlob(root, manifest.digest) ? partsOf(readBlob(root, manifest.digest), manifest) : NO_PARTS;
}

/** What isn't said to be an image's config may be anything, of any length. */
function storedChain(root: string, { digest, mediaType, size }: Descriptor): Digest[] {
  const isAnything = !isImageConfig(mediaType);
  if (isAnything && size > LONGEST_MANIFEST) return [];
  try {
    return chainIds(parseConfig(readBlob(root, digest), digest).rootfs.diff_ids, digestOf);
  } catch (error) {
    if (isAnything) return [];
    throw error;
  }
}

function verify(entry: Descriptor, wanted: Platform, read: (digest: Digest) => Buffer): Unnamed {
  const { digest } = isIndex(entry) ? choosePlatform(parseIndex(read(entry.digest), entry.digest), wanted) : entry;
  const manifest = parseManifest(read(digest), digest);
  const { digest: id } = manifest.config;
  const config = parseConfig(read(id), id);
  requireSameLayers(config, manifest.layers, `image ${digest}`);
  return { id, digest, config, layers: manifest.layers, chainIds: chainIds(config.rootfs.diff_ids, digestOf) };
}
