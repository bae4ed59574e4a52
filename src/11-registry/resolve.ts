// From a name at a registry to the one image that is meant: a tag may lead to an index, and that to a manifest for each
// platform.

import { UserError } from "../01-syscalls/index.ts";
import {
  choosePlatform,
  type Descriptor,
  isIndex,
  type Manifest,
  MEDIA,
  type Platform,
  parseIndex,
  parseManifest,
} from "../06-images/index.ts";
import { type Fetched, fetchManifest } from "./manifests.ts";
import type { Registry } from "./registry.ts";

export interface Resolved {
  /** What the name stands for: an index, or the manifest itself. */
  top: Fetched;
  /** The manifest for the platform. */
  image: Fetched;
  manifest: Manifest;
}

/** Throws UserError where there is no image for `platform`. */
export async function resolveImage(
  registry: Registry,
  repository: string,
  reference: string,
  platform: Platform,
): Promise<Resolved> {
  const top = await fetchManifest(registry, repository, reference);
  const image = isIndex(top.descriptor) ? await fetchFor(registry, repository, top, platform) : top;
  const manifest = parseManifest(image.bytes, image.descriptor.digest);
  requireImage(manifest.config, reference);
  return { top, image, manifest };
}

async function fetchFor(registry: Registry, repository: string, top: Fetched, platform: Platform): Promise<Fetched> {
  const wanted = choosePlatform(parseIndex(top.bytes, top.descriptor.digest), platform);
  const found = await fetchManifest(registry, repository, wanted.digest);
  if (isIndex(found.descriptor)) throw new UserError(`${wanted.digest} is an index inside of an index`);
  if (found.descriptor.size !== wanted.size)
    throw new UserError(`${wanted.digest} has ${found.descriptor.size} bytes, its index says ${wanted.size}`);
  return { ...found, descriptor: { ...found.descriptor, platform: wanted.platform ?? platform } };
}

/** Registries keep charts, signatures and much else in the same shape. */
function requireImage({ mediaType }: Descriptor, reference: string): void {
  // Before it had a name, it was just bytes.
  if ([MEDIA.CONFIG, MEDIA.DOCKER_CONFIG, "application/octet-stream"].includes(mediaType)) return;
  throw new UserError(`${reference} is no image: its config is ${mediaType}`);
}
