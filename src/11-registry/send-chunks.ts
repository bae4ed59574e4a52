// A blob in chunks, for registries that don't take it in one piece. After each the registry says how much it has, and
// where to send the next one; so after a break it can be asked, and only the rest is sent:
//
//   us ──► POST   /v2/app/blobs/uploads/                       202, Location, perhaps OCI-Chunk-Min-Length
//   us ──► PATCH  Location, Content-Range: 0-8388607, bytes    202, Location, Range: 0-8388607
//   us ──► GET    Location (after a break)                     204, Location, Range
//   us ──► PUT    Location?digest=sha256:…                     201
//
// See the OCI distribution specification, "Pushing a blob in chunks".

import { UserError } from "../01-syscalls/index.ts";
import type { Answer, Body } from "./exchange.ts";
import { retrying } from "./retry.ts";
import {
  type BlobTarget,
  beginUpload,
  EMPTY,
  fileBody,
  locationOf,
  pushScopes,
  type Sending,
  withDigest,
} from "./send-blob.ts";

const CHUNK = 8 << 20;

/** Throws UserError. */
export async function sendChunks(target: BlobTarget, sending: Sending): Promise<void> {
  const { patience, signal } = target.registry;
  const options = { patience, signal, onPause: sending.onPause };
  const upload = new ChunkedUpload(target, sending, await retrying(options, () => beginUpload(target)));
  while (!upload.isComplete) await retrying(options, () => upload.next());
  await retrying(options, () => upload.finish());
}

class ChunkedUpload {
  private readonly target: BlobTarget;
  private readonly sending: Sending;
  private readonly chunkBytes: number;
  private location: URL;
  /** Bytes that the registry has. */
  private sent = 0;
  /** The last chunk failed: some of it may have arrived. */
  private isUnsure = false;

  constructor(target: BlobTarget, sending: Sending, begun: Answer) {
    this.target = target;
    this.sending = sending;
    this.location = locationOf(begun);
    this.chunkBytes = Math.max(CHUNK, Number(begun.headers["oci-chunk-min-length"] ?? 0) || 0);
  }

  get isComplete(): boolean {
    return this.sent >= this.sending.blob.size;
  }

  async next(): Promise<void> {
    const { fd, blob, onBytes } = this.sending;
    if (this.isUnsure) this.note(await this.ask("GET", this.location), 0);
    this.isUnsure = true;
    const start = this.sent;
    const length = Math.min(this.chunkBytes, blob.size - start);
    const headers = {
      "Content-Type": "application/octet-stream",
      "Content-Range": `${start}-${start + length - 1}`,
    };
    const part = { start, length };
    this.note(await this.ask("PATCH", this.location, { headers, body: fileBody(fd, part, onBytes) }), start + length);
    this.isUnsure = false;
    if (this.sent <= start) throw new UserError(`${this.location.host} takes no chunks of ${blob.digest}`);
  }

  async finish(): Promise<void> {
    await this.ask("PUT", withDigest(this.location, this.sending.blob.digest), { body: EMPTY });
  }

  private async ask(method: string, at: URL, more: { headers?: Record<string, string>; body?: Body } = {}) {
    const { registry, repository } = this.target;
    const answer = await registry.once({ method, at, ...more, scopes: pushScopes(repository) });
    await answer.discard();
    return answer;
  }

  /**
   * `Range: 0-8388607`: the first and the last byte that it has; who doesn't say has `otherwise`. Of an empty upload
   * docker-registry says 0-0. A GET that names no place means the same one.
   */
  private note(answer: Answer, otherwise: number): void {
    const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(String(answer.headers.range ?? "")) ?? [];
    this.sent = last === undefined ? otherwise : last === "0" ? 0 : Number(last) + 1;
    if (answer.headers.location !== undefined) this.location = locationOf(answer);
  }
}
