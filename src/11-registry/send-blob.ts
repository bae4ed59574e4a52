// A blob from the store to a registry. It asks first: the registry may have it, or have it in another of its repositories,
// from where it takes it over (a mount). If not, an upload is begun, and all of it sent with its digest:
//
//   us ──► HEAD  /v2/app/blobs/sha256:…                           200: it has it
//   us ──► POST  /v2/app/blobs/uploads/?mount=sha256:…&from=base  201: taken over; 202: an upload at Location
//   us ──► PUT   Location?digest=sha256:…, all bytes              201
//
// A registry that doesn't take it in one piece gets it in chunks (send-chunks.ts).
// See the OCI distribution specification, "Pushing Blobs" and "Mounting a blob from another repository".

import { closeSync, readSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { checkBlob, type Descriptor, openBlob } from "../06-images/index.ts";
import { repositoryScope } from "./authorization.ts";
import type { Answer, Body } from "./exchange.ts";
import type { OnLayer } from "./progress.ts";
import { Refusal } from "./refusal.ts";
import type { Registry } from "./registry.ts";
import { retrying } from "./retry.ts";
import { sendChunks } from "./send-chunks.ts";

export interface BlobTarget {
  registry: Registry;
  repository: string;
}

export interface SendOptions {
  onLayer?: OnLayer | undefined;
  /** Repositories at the same registry that may have it. */
  others?: string[];
}

/** Throws UserError. */
export async function sendBlob(target: BlobTarget, root: string, blob: Descriptor, options: SendOptions = {}) {
  const { onLayer = () => {}, others = [] } = options;
  if (await hasBlobThere(target, blob)) return onLayer(blob.digest, { is: "present" });
  const from = await mountFrom(target, blob, others);
  if (from !== undefined) return onLayer(blob.digest, { is: "mounted", from });
  await upload(target, root, blob, onLayer);
  onLayer(blob.digest, { is: "done" });
}

/** What pushing to a repository needs. */
export function pushScopes(repository: string): string[] {
  return [repositoryScope(repository, "pull,push")];
}

async function hasBlobThere({ registry, repository }: BlobTarget, { digest }: Descriptor): Promise<boolean> {
  const at = `/v2/${repository}/blobs/${digest}`;
  return registry.ask({ method: "HEAD", at, scopes: pushScopes(repository), fine: [404] }, async (answer) => {
    await answer.discard();
    return answer.status === 200;
  });
}

/** The repository that it was taken over from. Where that isn't allowed, it is sent like any other. */
async function mountFrom(target: BlobTarget, { digest }: Descriptor, others: string[]): Promise<string | undefined> {
  const { registry, repository } = target;
  for (const from of others) {
    const at = `${uploadsPath(repository)}?${new URLSearchParams({ mount: digest, from })}`;
    const scopes = [...pushScopes(repository), repositoryScope(from, "pull")];
    const ask = { method: "POST", at, scopes, body: EMPTY, fine: [400, 401, 403, 404, 405] };
    const isMounted = await registry.ask(ask, async (answer) => {
      await answer.discard();
      // It has begun an upload instead; nobody will go on with it.
      if (answer.status === 202) await cancel(target, answer);
      return answer.status === 201;
    });
    if (isMounted) return from;
  }
  return undefined;
}

async function cancel({ registry, repository }: BlobTarget, begun: Answer): Promise<void> {
  const ask = { method: "DELETE", at: locationOf(begun), scopes: pushScopes(repository) };
  // Uploads that nobody finishes go away by themselves some day.
  await registry.once(ask).then(
    (answer) => answer.discard(),
    () => {},
  );
}

/** A blob on its way. */
export interface Sending {
  blob: Descriptor;
  fd: number;
  onBytes(bytes: number): void;
  onPause(ms: number): void;
}

async function upload(target: BlobTarget, root: string, blob: Descriptor, onLayer: OnLayer): Promise<void> {
  const { patience, signal } = target.registry;
  const fd = openBlob(root, blob);
  const onPause = (inMs: number) => onLayer(blob.digest, { is: "retrying", inMs });
  const onBytes = (bytes: number) => onLayer(blob.digest, { is: "moving", bytes, total: blob.size });
  const sending = { blob, fd, onBytes, onPause };
  try {
    await retrying({ patience, signal, onPause }, () => sendWhole(target, sending));
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    // The registry may be right: where the blob is damaged it stays so in chunks, and that is ours to say.
    checkBlob(root, blob.digest);
    await sendChunks(target, sending);
  } finally {
    closeSync(fd);
  }
}

async function sendWhole(target: BlobTarget, { blob, fd, onBytes }: Sending): Promise<void> {
  const { registry, repository } = target;
  const begun = await beginUpload(target);
  const answer = await registry.once({
    method: "PUT",
    at: withDigest(locationOf(begun), blob.digest),
    headers: { "Content-Type": "application/octet-stream" },
    body: fileBody(fd, { start: 0, length: blob.size }, onBytes),
    scopes: pushScopes(repository),
  });
  await answer.discard();
}

/** What is in between, often a proxy, has a limit; or the registry knows chunks only. */
function isTooMuch(error: unknown): boolean {
  return error instanceof Refusal && [400, 404, 405, 411, 413, 416, 501].includes(error.status);
}

/** The answer says where it goes on. */
export async function beginUpload({ registry, repository }: BlobTarget): Promise<Answer> {
  const ask = { method: "POST", at: uploadsPath(repository), body: EMPTY, scopes: pushScopes(repository) };
  const answer = await registry.once(ask);
  await answer.discard();
  return answer;
}

/** Throws UserError where an answer should have one and hasn't. */
export function locationOf({ headers, url }: Answer): URL {
  const { location } = headers;
  if (location !== undefined && URL.canParse(location, url.href)) return new URL(location, url);
  throw new UserError(`${url.host} has begun an upload without saying where it goes on`);
}

/** Whatever else stands in the address is the registry's own note of the upload. */
export function withDigest(location: URL, digest: string): URL {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  return url;
}

/** Enough for the kernel to be busy, and little enough to stay in the processor's cache. */
const PIECE = 1 << 18;

/** A part of a file that is open as long as it is sent. `onBytes` hears how much of the file has been read. */
export function fileBody(
  fd: number,
  { start, length }: { start: number; length: number },
  onBytes: (bytes: number) => void,
): Body {
  return {
    length,
    *pieces() {
      const room = Buffer.allocUnsafeSlow(Math.min(length, PIECE));
      for (let sent = 0; sent < length; ) {
        const count = readSync(fd, room, 0, Math.min(room.length, length - sent), start + sent);
        if (count === 0) return;
        yield room.subarray(0, count);
        sent += count;
        onBytes(start + sent);
      }
    },
  };
}

export const EMPTY: Body = { length: 0, pieces: () => [] };

function uploadsPath(repository: string): string {
  return `/v2/${repository}/blobs/uploads/`;
}
