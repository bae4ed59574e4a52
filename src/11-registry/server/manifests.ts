// Manifests going out, and being taken away. See the OCI distribution specification, "Pulling manifests" and "Deleting
// Manifests".

import { hasBlob, readBlob } from "../../06-images/blobs.ts";
import { type Digest, isDigest } from "../../06-images/digest.ts";
import { readImage } from "../../06-images/image.ts";
import { changeIndex } from "../../06-images/layout.ts";
import type { Descriptor } from "../../06-images/manifest.ts";
import { requireDigest } from "./blobs.ts";
import { indexOver, manifestWith, taggedManifest } from "./contents.ts";
import { withoutManifest, withoutTag } from "./entries.ts";
import { Refusal } from "./errors.ts";
import type { Asked, Reply } from "./exchange.ts";
import type { Registry } from "./registry.ts";
import { isTag } from "./repositories.ts";

/** `GET` and `HEAD` of `/v2/<name>/manifests/<tag-or-digest>`: the very bytes that were pushed. */
export function getManifest({ root }: Registry, { repository, reference }: Asked): Reply {
  const { mediaType, digest } = findManifest(root, repository, reference);
  const headers = { "Content-Type": mediaType, "Docker-Content-Digest": digest };
  return { status: 200, headers, bytes: readBlob(root, digest) };
}

/** `DELETE /v2/<name>/manifests/<tag-or-digest>`: a tag, or a manifest with all its tags */
export async function deleteManifest(registry: Registry, asked: Asked): Promise<Reply> {
  const hold = await registry.hold.take();
  try {
    findManifest(registry.root, asked.repository, asked.reference);
    if (isTag(asked.reference)) deleteTag(registry, asked);
    else deleteDigest(registry, asked);
  } finally {
    hold.close();
  }
  registry.hold.leaveGarbage();
  return { status: 202 };
}

function deleteTag({ root }: Registry, { repository, reference: tag }: Asked): void {
  changeIndex(root, (entries) => withoutTag(root, entries, { repository, tag }));
}

function deleteDigest({ root, isUsed }: Registry, { repository, reference: digest }: Asked): void {
  const index = indexOver(root, repository, digest);
  if (index) throw new Refusal("DENIED", `it is a part of ${index.digest}: delete that first`, { status: 405 });
  const isInUse = (entry: Descriptor) => isUsed(idOf(root, entry) ?? "") !== undefined;
  changeIndex(root, (entries) => withoutManifest(root, entries, { digest, repository, isUsed: isInUse }));
}

/** No container is made of what is no image, or is damaged. */
function idOf(root: string, entry: Descriptor): Digest | undefined {
  try {
    return readImage(root, entry).id;
  } catch {
    return undefined;
  }
}

/** Throws Refusal. */
function findManifest(root: string, repository: string, reference: string): Descriptor {
  const manifest = isTag(reference)
    ? taggedManifest(root, repository, reference)
    : manifestWith(root, repository, requireDigest(reference));
  if (manifest && hasBlob(root, manifest.digest)) return manifest;
  const what = isDigest(reference) ? `manifest ${reference}` : `tag ${reference}`;
  throw new Refusal("MANIFEST_UNKNOWN", `${repository} has no ${what}`);
}
