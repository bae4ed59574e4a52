// From an entry of the store's index to all that is needed to run it: through the index (for the wanted platform) and
// the manifest to the config, each checked against its digest.

import { hasBlob, readBlob } from "./blobs.ts";
import { chainIds, type ImageConfig, parseConfig } from "./config.ts";
import { type Digest, digestOf } from "./digest.ts";
import { nameOfEntry } from "./layout.ts";
import { choosePlatform, type Descriptor, isIndex, parseIndex, parseManifest } from "./manifest.ts";
import { formatPlatform, hostPlatform, type Platform } from "./platform.ts";
import { recall, remember } from "./verified.ts";

export interface Image {
  /** The digest of its config. */
  id: Digest;
  /** `docker.io/library/alpine:latest`; none if a newer image took the name. */
  name: string | undefined;
  /** The digest of its manifest. */
  digest: Digest;
  config: ImageConfig;
  /** Lowest first, like everything here that goes by layers. */
  layers: Descriptor[];
  /** The name of the stack up to each layer. */
  chainIds: Digest[];
}

type Unnamed = Omit<Image, "name">;

/** The image behind an entry of the index. Throws UserError if it is incomplete, damaged or for other machines. */
export function readImage(root: string, entry: Descriptor, wanted: Platform = hostPlatform()): Image {
  const key = `${entry.digest} ${formatPlatform(wanted)}`;
  const name = nameOfEntry(entry);
  const known = recall<Unnamed>(root, key);
  if (known) return { ...known, name };
  return { ...remember(root, key, (read) => verify(entry, wanted, read)), name };
}

/** All that an entry refers to, on every platform whose manifest is there. */
export interface Reachable {
  blobs: Digest[];
  chainIds: Digest[];
}

/** Throws UserError if something on the way is damaged: then nobody knows what else is referred to. */
export function reachableFrom(root: string, entry: Descriptor): Reachable {
  if (!hasBlob(root, entry.digest)) return { blobs: [entry.digest], chainIds: [] };
  const bytes = readBlob(root, entry.digest);
  if (isIndex(entry)) {
    const images = parseIndex(bytes, entry.digest).manifests.map((manifest) => reachableFrom(root, manifest));
    return {
      blobs: [entry.digest, ...images.flatMap(({ blobs }) => blobs)],
      chainIds: images.flatMap((image) => image.chainIds),
    };
  }
  const { config, layers } = parseManifest(bytes, entry.digest);
  const { rootfs } = parseConfig(readBlob(root, config.digest), config.digest);
  return {
    blobs: [entry.digest, config.digest, ...layers.map(({ digest }) => digest)],
    chainIds: chainIds(rootfs.diff_ids, digestOf),
  };
}

function verify(entry: Descriptor, wanted: Platform, read: (digest: Digest) => Buffer): Unnamed {
  const { digest } = isIndex(entry) ? choosePlatform(parseIndex(read(entry.digest), entry.digest), wanted) : entry;
  const manifest = parseManifest(read(digest), digest);
  const { digest: id } = manifest.config;
  const config = parseConfig(read(id), id);
  return { id, digest, config, layers: manifest.layers, chainIds: chainIds(config.rootfs.diff_ids, digestOf) };
}
