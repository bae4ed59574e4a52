// Blobs going out, whole or in part, and being taken away. See the OCI distribution specification, "Pulling blobs" and
// "Deleting Blobs".

import { open } from "node:fs/promises";
import { blobPath } from "../../06-images/blobs.ts";
import { type Digest, isDigest } from "../../06-images/digest.ts";
import { isPartOf } from "./contents.ts";
import { Refusal } from "./errors.ts";
import type { Asked, Reply } from "./exchange.ts";
import { type Range, rangeOf } from "./range.ts";
import type { Registry } from "./registry.ts";

/** `GET` and `HEAD` of `/v2/<name>/blobs/<digest>`. */
export async function getBlob(registry: Registry, { repository, reference, headers }: Asked): Promise<Reply> {
  const digest = requireDigest(reference);
  const handle = await openBlob(registry, repository, digest);
  const { size } = await handle.stat();
  const range = rangeOf(headers.range, size);
  if (range !== "beyond") return { ...partReply(digest, size, range), file: { handle, ...(range ?? wholeOf(size)) } };
  await handle.close();
  const refusal = { status: 416, headers: { "Content-Range": `bytes */${size}` } };
  throw new Refusal("SIZE_INVALID", `${digest} has ${size} bytes, and not those that were asked for`, refusal);
}

const wholeOf = (size: number): Range => ({ start: 0, end: size - 1 });

function partReply(digest: Digest, size: number, range: Range | undefined): Reply {
  const headers = {
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
  };
  if (!range) return { status: 200, headers };
  return { status: 206, headers: { ...headers, "Content-Range": `bytes ${range.start}-${range.end}/${size}` } };
}

/** `DELETE /v2/<name>/blobs/<digest>`. What an image is made of stays as long as the image. */
export function deleteBlob(registry: Registry, { repository, reference }: Asked): Reply {
  const digest = requireDigest(reference);
  if (isPartOf(registry.root, repository, digest)) {
    throw new Refusal("DENIED", `a manifest of ${repository} refers to ${digest}: delete that first`, { status: 405 });
  }
  if (!registry.waiting.remove(repository, digest)) throw unknownBlob(repository, digest);
  registry.hold.leaveGarbage();
  return { status: 202 };
}

/** Whether the repository has the blob, as a part of an image or waiting to become one. */
export function isBlobIn({ root, waiting }: Registry, repository: string, digest: Digest): boolean {
  return waiting.has(repository, digest) || isPartOf(root, repository, digest);
}

async function openBlob(registry: Registry, repository: string, digest: Digest) {
  if (!isBlobIn(registry, repository, digest)) throw unknownBlob(repository, digest);
  return open(blobPath(registry.root, digest)).catch(() => {
    throw unknownBlob(repository, digest);
  });
}

export function requireDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new Refusal("DIGEST_INVALID", `${JSON.stringify(text)} is no digest: sha256 or sha512, a colon, and the hash`);
}

function unknownBlob(repository: string, digest: Digest): Refusal {
  return new Refusal("BLOB_UNKNOWN", `${repository} has no blob ${digest}`);
}
