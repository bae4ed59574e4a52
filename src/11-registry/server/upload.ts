// One blob on its way in, in as many requests as the client likes. It goes to a file as it comes, is hashed on the way, and
// gets its name when all of it is there and is what the client says it is. A client that is cut off asks how far it got
// and goes on from there.

import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { BlobDraft } from "../../06-images/blobs.ts";
import { readPieces } from "../../06-images/decompress.ts";
import { type Digest, parseDigest } from "../../06-images/digest.ts";
import { named } from "../../06-images/failure.ts";
import { Refusal } from "./errors.ts";
import type { Range } from "./range.ts";

export class Upload {
  readonly id: string = randomUUID();
  readonly repository: string;
  /** In milliseconds since 1970. */
  lastUsed: number = Date.now();
  /** The disk took only a part: what is in the file isn't what came. */
  isBroken = false;
  private readonly root: string;
  private algorithm: string;
  private draft: BlobDraft;
  private writing: { body: IncomingMessage; ended: Promise<void> } | undefined;

  constructor(root: string, repository: string, algorithm: string) {
    this.root = root;
    this.repository = repository;
    this.algorithm = algorithm;
    this.draft = new BlobDraft(root, algorithm);
  }

  /** Bytes that are here. */
  get size(): number {
    return this.draft.size;
  }

  /**
   * Adds what comes; `range` is where the client says it belongs. Throws Refusal for what doesn't follow on what is here.
   * A client that is cut off leaves what came until then.
   */
  async append(body: IncomingMessage, range?: Range): Promise<void> {
    await this.interrupt();
    if (range && range.start !== this.size) throw this.outOfOrder(range);
    const before = this.size;
    const ended = this.copy(body);
    this.writing = { body, ended };
    await ended.finally(() => {
      this.writing = undefined;
    });
    const [added, said] = [this.size - before, range && range.end - range.start + 1];
    if (said !== undefined && said !== added) throw wrongLength(said, added);
  }

  /** The digest will be one of `algorithm`. What is here already is read once more for it, if it was another. */
  async hashWith(algorithm: string): Promise<void> {
    await this.interrupt();
    if (algorithm === this.algorithm) return;
    const [before, after] = [this.draft, new BlobDraft(this.root, algorithm)];
    this.draft = after;
    this.algorithm = algorithm;
    try {
      for await (const piece of readPieces(before.path)) after.write(piece);
    } finally {
      before.discard();
    }
  }

  /** The content takes its place in the store, if it is what `digest` says. Throws Refusal if it isn't. */
  async publish(digest: Digest): Promise<void> {
    await this.hashWith(parseDigest(digest).algorithm);
    const { size, digest: found } = this.draft;
    if (found !== digest) throw new Refusal("DIGEST_INVALID", `what came, ${size} bytes, has the digest ${found}`);
    // What takes seconds for a large file is done where nobody has to wait for it.
    await putOnDisk(this.draft.path);
    this.draft.publish();
  }

  discard(): void {
    this.writing?.body.destroy();
    this.draft.discard();
  }

  /** Connections die without a word: who comes anew is believed, and who was writing is cut off. */
  private async interrupt(): Promise<void> {
    this.lastUsed = Date.now();
    while (this.writing) {
      this.writing.body.destroy();
      await this.writing.ended.catch(() => {});
    }
  }

  private async copy(body: IncomingMessage): Promise<void> {
    // Whatever goes wrong in here, the client is to hear of it: its connection stays.
    for await (const piece of body.iterator({ destroyOnReturn: false })) {
      this.write(piece as Buffer);
      this.lastUsed = Date.now();
    }
  }

  private write(piece: Buffer): void {
    try {
      this.draft.write(piece);
    } catch (error) {
      this.isBroken = true;
      throw named("cannot take in a blob", error);
    }
  }

  private outOfOrder({ start }: Range): Refusal {
    const message = `${this.size} bytes are here, so the next part begins at ${this.size} and not at ${start}`;
    return new Refusal("BLOB_UPLOAD_INVALID", message, { status: 416, headers: { Range: rangeSoFar(this.size) } });
  }
}

/** `0-499`. How the protocol says that nothing is here yet, it doesn't say; everybody says `0-0`. */
export function rangeSoFar(size: number): string {
  return `0-${Math.max(0, size - 1)}`;
}

function wrongLength(said: number, came: number): Refusal {
  return new Refusal("SIZE_INVALID", `${said} bytes were announced, and ${came} came`);
}

async function putOnDisk(path: string): Promise<void> {
  const handle = await open(path, "r+");
  await handle.sync().finally(() => handle.close());
}
