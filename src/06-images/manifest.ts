// An image is a small tree of JSON, each node naming the ones below by digest:
//
//   index ──► manifest ──► config    what to run, and the digests of the layers once unpacked
//   (one a       │
//   platform)    └───────► layers    tar archives, mostly compressed, lowest first
//
// Two families of the same thing are in use, OCI's and Docker's; they differ in their media types only.
// See the OCI image specification, manifest.md and image-index.md.

import { UserError } from "../01-syscalls/index.ts";
import { type Digest, parseDigest } from "./digest.ts";
import { formatPlatform, isSamePlatform, type Platform } from "./platform.ts";
import { fieldsOf, isText, mapOf, wrongField } from "./shape.ts";

export const MEDIA = {
  INDEX: "application/vnd.oci.image.index.v1+json",
  MANIFEST: "application/vnd.oci.image.manifest.v1+json",
  CONFIG: "application/vnd.oci.image.config.v1+json",
  LAYER: "application/vnd.oci.image.layer.v1.tar",
  LAYER_GZIP: "application/vnd.oci.image.layer.v1.tar+gzip",
  LAYER_ZSTD: "application/vnd.oci.image.layer.v1.tar+zstd",
  DOCKER_INDEX: "application/vnd.docker.distribution.manifest.list.v2+json",
  DOCKER_MANIFEST: "application/vnd.docker.distribution.manifest.v2+json",
  DOCKER_CONFIG: "application/vnd.docker.container.image.v1+json",
  DOCKER_LAYER: "application/vnd.docker.image.rootfs.diff.tar.gzip",
} as const;

/** In bytes: what registries take, and clients read. */
export const LONGEST_MANIFEST = 4 * 1024 * 1024;

/** Of configs, whose history may be long, and of the list of all images of a store. */
export const LONGEST_JSON = 4 * LONGEST_MANIFEST;

/** Names content by what it is, how long, and its digest. */
export interface Descriptor {
  mediaType: string;
  digest: Digest;
  size: number;
  annotations?: Record<string, string>;
  platform?: Platform;
  /** Of something that is no image: a signature, a list of ingredients, a chart. */
  artifactType?: string;
}

export interface Manifest {
  schemaVersion: 2;
  mediaType: string;
  config: Descriptor;
  /** Lowest first. */
  layers: Descriptor[];
  annotations?: Record<string, string>;
}

export interface Index {
  schemaVersion: 2;
  mediaType: string;
  manifests: Descriptor[];
  annotations?: Record<string, string>;
}

export function isIndex({ mediaType }: Pick<Descriptor, "mediaType">): boolean {
  return mediaType === MEDIA.INDEX || mediaType === MEDIA.DOCKER_INDEX;
}

export function isManifest({ mediaType }: Pick<Descriptor, "mediaType">): boolean {
  return mediaType === MEDIA.MANIFEST || mediaType === MEDIA.DOCKER_MANIFEST;
}

/** Reads the JSON of a manifest. `what` begins the message if it is none. Throws UserError. */
export function parseManifest(bytes: Uint8Array, what: string): Manifest {
  const manifest = parseJson(bytes, what) as Manifest;
  const isWhole = isDescriptor(manifest.config) && isDescriptors(manifest.layers);
  if (!isWhole) throw new UserError(`${what} is no image manifest`);
  return manifest;
}

/** Reads the JSON of an image index. Throws UserError. */
export function parseIndex(bytes: Uint8Array, what: string): Index {
  const index = parseJson(bytes, what) as Index;
  if (!isDescriptors(index.manifests)) throw new UserError(`${what} is no image index`);
  return index;
}

/** What a manifest consists of, whichever kind it is. */
export interface Parts {
  /** Of an index. */
  manifests: Descriptor[];
  config: Descriptor | undefined;
  /** The config and the layers. */
  blobs: Descriptor[];
}

export const NO_PARTS: Parts = { manifests: [], config: undefined, blobs: [] };

/** The parts of a manifest or an index; none of anything else. Throws UserError if it isn't what it says it is. */
export function partsOf(bytes: Uint8Array, { mediaType, digest }: Pick<Descriptor, "mediaType" | "digest">): Parts {
  if (isIndex({ mediaType })) return { ...NO_PARTS, manifests: parseIndex(bytes, digest).manifests };
  if (!isManifest({ mediaType })) return NO_PARTS;
  const { config, layers } = parseManifest(bytes, digest);
  return { ...NO_PARTS, config, blobs: [config, ...layers] };
}

export function isImageConfig(mediaType: string): boolean {
  return mediaType === MEDIA.CONFIG || mediaType === MEDIA.DOCKER_CONFIG;
}

/** The index's manifest for `wanted`. Throws UserError, in Docker's words, where there is none. */
export function choosePlatform(index: Index, wanted: Platform): Descriptor {
  // BuildKit puts attestations beside the images they are about, "for" an unknown platform.
  const images = index.manifests.filter(({ platform }) => platform?.os !== "unknown");
  const found = images.find(({ platform }) => platform && isSamePlatform(wanted, platform));
  const only = images.length === 1 && !images[0]?.platform ? images[0] : undefined;
  const chosen = found ?? only;
  if (chosen) return chosen;
  throw new UserError(`no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`);
}

/** An object, at least; its fields are for the caller to look at. */
export function parseJson(bytes: Uint8Array, what: string): object {
  if (bytes.length > LONGEST_JSON) throw new UserError(`${what} is larger than any image needs: ${bytes.length} bytes`);
  const value: unknown = parseOrUndefined(bytes);
  if (typeof value === "object" && value !== null) return value;
  throw new UserError(`${what} is not valid JSON`);
}

function parseOrUndefined(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  } catch {
    return undefined;
  }
}

function isDescriptors(value: unknown): boolean {
  return Array.isArray(value) && value.every(isDescriptor);
}

const OPTIONAL = {
  annotations: mapOf(isText),
  platform: fieldsOf({ os: isText, architecture: isText, variant: isText }),
  artifactType: isText,
};

/** Its digest becomes a path, so it is looked at closely. */
function isDescriptor(value: unknown): value is Descriptor {
  const { digest, size, mediaType } = (value ?? {}) as Partial<Descriptor>;
  if (typeof digest !== "string" || typeof mediaType !== "string") return false;
  if (!Number.isSafeInteger(size) || size! < 0 || wrongField(value as object, OPTIONAL) !== undefined) return false;
  parseDigest(digest);
  return true;
}
