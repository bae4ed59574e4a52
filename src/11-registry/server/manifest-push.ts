// Manifests coming in. With its manifest, what was pushed becomes an image: the blobs are all here, the manifest gets its
// place among them, and the store's list the name. See the OCI distribution specification, "Pushing Manifests".

import { statSync } from "node:fs";
import { BlobDraft, blobPath, readBlob } from "../../06-images/blobs.ts";
import { parseConfig } from "../../06-images/config.ts";
import { type Digest, parseDigest } from "../../06-images/digest.ts";
import { changeIndex } from "../../06-images/layout.ts";
import { type Descriptor, isImageConfig, LONGEST_MANIFEST } from "../../06-images/manifest.ts";
import { requireDigest } from "./blobs.ts";
import { entryOf, manifestsOf } from "./contents.ts";
import { withPushed } from "./entries.ts";
import { Refusal } from "./errors.ts";
import type { Asked, Reply } from "./exchange.ts";
import { invalid, type PushedManifest, readPushed, receiveManifest } from "./pushed-manifest.ts";
import type { Registry } from "./registry.ts";
import { isTag } from "./repositories.ts";

const MOST_TAGS = 100;

/** `PUT /v2/<name>/manifests/<tag>`, or `<digest>`, then also with `?tag=<tag>&tag=<tag>` */
export async function putManifest(registry: Registry, asked: Asked): Promise<Reply> {
  const { repository, reference, headers } = asked;
  const tags = isTag(reference) ? [reference] : tagsIn(asked.query);
  const wanted = isTag(reference) ? undefined : requireDigest(reference);
  const pushed = readPushed(await receiveManifest(asked.body), headers["content-type"]);
  const hold = await registry.hold.take();
  try {
    requireParts(registry, repository, pushed);
    const entry = keep(registry.root, pushed, wanted);
    changeIndex(registry.root, (entries) => withPushed(registry.root, entries, { entry, repository, tags }));
    for (const { digest } of pushed.parts.blobs) registry.waiting.remove(repository, digest);
    return { status: 201, headers: answerHeaders(asked, entry.digest, pushed, wanted ? tags : []) };
  } finally {
    hold.close();
  }
}

function answerHeaders({ name, reference }: Asked, digest: Digest, { subject }: PushedManifest, tags: string[]) {
  return {
    Location: `/v2/${name}/manifests/${reference}`,
    "Docker-Content-Digest": digest,
    // Says that the client need not keep a list of referrers itself.
    ...(subject !== undefined && { "OCI-Subject": subject }),
    ...(tags.length > 0 && { "OCI-Tag": tags.join(", ") }),
  };
}

function tagsIn(query: URLSearchParams): string[] {
  const tags = [...new Set(query.getAll("tag"))];
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong !== undefined) throw new Refusal("MANIFEST_INVALID", `${JSON.stringify(wrong)} is no tag`);
  if (tags.length <= MOST_TAGS) return tags;
  throw new Refusal("MANIFEST_INVALID", `${tags.length} tags at once are too many`, { status: 414 });
}

/** Throws Refusal unless all that it refers to is here, and what is said of it is true. */
function requireParts(registry: Registry, repository: string, { parts }: PushedManifest): void {
  const { manifests, blobs, config } = parts;
  const ours = new Set([...manifestsOf(registry.root, repository)].map(({ digest }) => digest));
  const missing = [
    ...manifests.filter(({ digest }) => !ours.has(digest)),
    ...blobs.filter((blob) => !isHere(registry.root, blob)),
  ];
  if (missing[0]) {
    const others = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
    throw new Refusal("MANIFEST_BLOB_UNKNOWN", `it refers to ${missing[0].digest}${others}, which is not here`);
  }
  if (config && isImageConfig(config.mediaType)) requireImageConfig(registry.root, config);
}

/** Throws Refusal for one that has another length than is said. Layers that may not be passed on are elsewhere. */
function isHere(root: string, { digest, size, mediaType }: Descriptor): boolean {
  if (/\.(nondistributable|foreign)\./.test(mediaType)) return true;
  const stats = statSync(blobPath(root, digest), { throwIfNoEntry: false });
  if (stats && stats.size !== size) {
    throw new Refusal("SIZE_INVALID", `${digest} has ${stats.size} bytes, and not ${size} as the manifest says`);
  }
  return stats !== undefined;
}

/** An image that can't be read would be in everybody's way: in the list of images, and when cleaning up. */
function requireImageConfig(root: string, { digest, size }: Descriptor): void {
  if (size > LONGEST_MANIFEST) throw invalid(`its config has ${size} bytes`);
  try {
    parseConfig(readBlob(root, digest), digest);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

/** Puts the manifest itself among the blobs. Throws Refusal if it isn't what `wanted` says. */
function keep(root: string, { bytes, mediaType }: PushedManifest, wanted: Digest | undefined): Descriptor {
  const draft = new BlobDraft(root, wanted === undefined ? "sha256" : parseDigest(wanted).algorithm);
  try {
    draft.write(bytes);
    const { digest } = draft;
    if (wanted !== undefined && digest !== wanted) throw new Refusal("DIGEST_INVALID", `its digest is ${digest}`);
    draft.publish();
    return entryOf(root, { mediaType, digest, size: bytes.length });
  } finally {
    draft.discard();
  }
}
