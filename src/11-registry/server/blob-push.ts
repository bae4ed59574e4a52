// Blobs coming in. A client asks for an upload's address, and sends the blob there, whole or in parts:
//
//   POST   /v2/<name>/blobs/uploads/             → 202, Location: the upload
//   PATCH  the upload, a part                    → 202, Range: what is here
//   PUT    the upload, ?digest=                  → 201, Location: the blob
//
// or everything at once with POST and ?digest=, or nothing if the registry has the blob in another repository already.
// See the OCI distribution specification, "Pushing blobs".

import type { IncomingHttpHeaders } from "node:http";
import { hasBlob } from "../../06-images/blobs.ts";
import { type Digest, parseDigest } from "../../06-images/digest.ts";
import { isBlobIn, requireDigest } from "./blobs.ts";
import { Refusal } from "./errors.ts";
import type { Asked, Reply } from "./exchange.ts";
import type { Range } from "./range.ts";
import type { Registry } from "./registry.ts";
import { repositoryNamed } from "./repositories.ts";
import { rangeSoFar, type Upload } from "./upload.ts";

/** `POST /v2/<name>/blobs/uploads/`, also with `?mount=<digest>&from=<other>` or `?digest=<digest>` */
export async function startUpload(registry: Registry, asked: Asked): Promise<Reply> {
  const [mount, digest] = [asked.query.get("mount"), asked.query.get("digest")];
  if (mount !== null && (await mountBlob(registry, asked, requireDigest(mount)))) return created(asked, mount);
  if (digest !== null) return pushAtOnce(registry, asked, requireDigest(digest));
  const upload = await registry.uploads.begin(asked.repository, algorithmIn(asked.query));
  return soFar(202, asked, upload);
}

/** `GET` of an upload */
export function showUpload({ uploads }: Registry, asked: Asked): Reply {
  return soFar(204, asked, uploads.find(asked.repository, asked.session));
}

/** `PATCH` of an upload */
export async function continueUpload({ uploads }: Registry, asked: Asked): Promise<Reply> {
  const upload = uploads.find(asked.repository, asked.session);
  await uploads.append(upload, asked.body, rangeIn(asked.headers));
  return soFar(202, asked, upload);
}

/** `PUT` of an upload with `?digest=<digest>`; the last part, or all of it, may come along. */
export async function finishUpload({ uploads }: Registry, asked: Asked): Promise<Reply> {
  const upload = uploads.find(asked.repository, asked.session);
  const digest = requireDigest(asked.query.get("digest") ?? "");
  await upload.hashWith(parseDigest(digest).algorithm);
  await uploads.append(upload, asked.body, rangeIn(asked.headers));
  await uploads.finish(upload, digest);
  return created(asked, digest);
}

/** `DELETE` of an upload */
export function cancelUpload({ uploads }: Registry, asked: Asked): Reply {
  uploads.cancel(uploads.find(asked.repository, asked.session));
  return { status: 204 };
}

async function pushAtOnce({ uploads }: Registry, asked: Asked, digest: Digest): Promise<Reply> {
  const upload = await uploads.begin(asked.repository, parseDigest(digest).algorithm);
  try {
    await upload.append(asked.body);
  } catch (error) {
    // Nobody knows its address, to go on with it.
    uploads.cancel(upload);
    throw error;
  }
  await uploads.finish(upload, digest);
  return created(asked, digest);
}

/** The blob is in this repository too, if it is in the other one; where none is said, if it is anywhere. */
async function mountBlob(registry: Registry, { repository, query }: Asked, digest: Digest): Promise<boolean> {
  const hold = await registry.hold.take();
  try {
    if (!isToBeHad(registry, query.get("from"), digest)) return false;
    await registry.waiting.add(repository, digest);
    return true;
  } finally {
    hold.close();
  }
}

function isToBeHad(registry: Registry, from: string | null, digest: Digest): boolean {
  if (!hasBlob(registry.root, digest)) return false;
  return from === null || isBlobIn(registry, repositoryNamed(from), digest);
}

function soFar(status: number, { name }: Asked, { id, size }: Upload): Reply {
  const headers = { Location: `/v2/${name}/blobs/uploads/${id}`, Range: rangeSoFar(size), "Docker-Upload-Uuid": id };
  return { status, headers };
}

function created({ name }: Asked, digest: Digest): Reply {
  return { status: 201, headers: { Location: `/v2/${name}/blobs/${digest}`, "Docker-Content-Digest": digest } };
}

function algorithmIn(query: URLSearchParams): string {
  const algorithm = query.get("digest-algorithm") ?? "sha256";
  if (algorithm === "sha256" || algorithm === "sha512") return algorithm;
  throw new Refusal("DIGEST_INVALID", `${algorithm} is no algorithm we know; sha256 and sha512 are`);
}

/** Where a part belongs: `0-499`. Throws Refusal for what can't be. */
function rangeIn(headers: IncomingHttpHeaders): Range | undefined {
  const { "content-range": said, "content-length": length } = headers;
  if (said === undefined) return undefined;
  const [, start, end] = /^(\d+)-(\d+)$/.exec(said) ?? [];
  if (start === undefined) throw new Refusal("BLOB_UPLOAD_INVALID", `Content-Range: ${said} is not FIRST-LAST`);
  const range = { start: Number(start), end: Number(end) };
  if (length === undefined || Number(length) === range.end - range.start + 1) return range;
  throw new Refusal("SIZE_INVALID", `Content-Range: ${said} are not ${length} bytes`);
}
