// Manifests going out. See the OCI distribution specification, "Pulling manifests".

import { hasBlob, readBlob } from "../../06-images/blobs.ts";
import { isDigest } from "../../06-images/digest.ts";
import type { Descriptor } from "../../06-images/manifest.ts";
import { requireDigest } from "./blobs.ts";
import { manifestWith, taggedManifest } from "./contents.ts";
import { Refusal } from "./errors.ts";
import type { Asked, Reply } from "./exchange.ts";
import type { Registry } from "./registry.ts";
import { isTag } from "./repositories.ts";

/** `GET` and `HEAD` of `/v2/<name>/manifests/<tag-or-digest>`: the very bytes that were pushed. */
export function getManifest({ root }: Registry, { repository, reference }: Asked): Reply {
  const { mediaType, digest } = findManifest(root, repository, reference);
  const headers = { "Content-Type": mediaType, "Docker-Content-Digest": digest, ETag: `"${digest}"` };
  return { status: 200, headers, bytes: readBlob(root, digest) };
}

/** Throws Refusal. */
export function findManifest(root: string, repository: string, reference: string): Descriptor {
  const manifest = isTag(reference)
    ? taggedManifest(root, repository, reference)
    : manifestWith(root, repository, requireDigest(reference));
  if (manifest && hasBlob(root, manifest.digest)) return manifest;
  const what = isDigest(reference) ? `manifest ${reference}` : `tag ${reference}`;
  throw new Refusal("MANIFEST_UNKNOWN", `${repository} has no ${what}`);
}
