// Blobs: files named by the digest of their content, so that one is never changed, only added or removed, and equal ones
// are one. What is read is checked against the name; what is written gets its name from what was really written.

import type { Hash } from "node:crypto";
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { type Digest, newHash, parseDigest } from "./digest.ts";
import { Draft } from "./durable.ts";
import { blobName, draftsFolder, imagesFolder } from "./layout.ts";
import type { Descriptor } from "./manifest.ts";

/** Where the blob is, or would be. Throws UserError if `digest` is none. */
export function blobPath(root: string, digest: Digest): string {
  return join(imagesFolder(root), blobName(digest));
}

export function hasBlob(root: string, digest: Digest): boolean {
  return existsSync(blobPath(root, digest));
}

/** Whether it is there in its length. One of another length is damaged, and as good as none. */
export function hasWholeBlob(root: string, { digest, size }: Pick<Descriptor, "digest" | "size">): boolean {
  return statSync(blobPath(root, digest), { throwIfNoEntry: false })?.size === size;
}

/** The whole blob, for manifests and configs. Throws UserError if it is missing or is not what its name says. */
export function readBlob(root: string, digest: Digest): Buffer {
  const path = blobPath(root, digest);
  const bytes = orUndefined(() => readFileSync(path));
  if (!bytes) throw missing(digest);
  const { algorithm, hex } = parseDigest(digest);
  if (newHash(algorithm).update(bytes).digest("hex") === hex) return bytes;
  throw damaged(path);
}

/** For one that is read in pieces. Throws UserError if it is missing or not in its length. Close it. */
export function openBlob(root: string, { digest, size }: Pick<Descriptor, "digest" | "size">): number {
  const path = blobPath(root, digest);
  const fd = orUndefined(() => openSync(path, "r"));
  if (fd === undefined) throw missing(digest);
  if (fstatSync(fd).size === size) return fd;
  closeSync(fd);
  throw damaged(path);
}

/** Its content, each piece good until the next. Throws UserError at the end if it isn't what its name says. */
export function* checkedPieces(root: string, digest: Digest): Generator<Buffer> {
  const path = blobPath(root, digest);
  const { algorithm, hex } = parseDigest(digest);
  const hash = newHash(algorithm);
  const room = Buffer.allocUnsafe(PIECE);
  const fd = openSync(path, "r");
  try {
    for (let length = readSync(fd, room); length > 0; length = readSync(fd, room)) {
      const piece = room.subarray(0, length);
      hash.update(piece);
      yield piece;
    }
  } finally {
    closeSync(fd);
  }
  if (hash.digest("hex") !== hex) throw damaged(path);
}

const PIECE = 1 << 20;

/** Reads all of it. Throws UserError if it isn't what its name says. */
export function checkBlob(root: string, digest: Digest): void {
  const pieces = checkedPieces(root, digest);
  while (!pieces.next().done);
}

function missing(digest: Digest): UserError {
  return new UserError(`the image store lacks ${digest}`, { hint: "load the image again" });
}

function damaged(path: string): UserError {
  return new UserError(`${path} is damaged: its content is not what its name says`, { hint: "load the image again" });
}

/** Adds a blob, or puts it in place of a damaged one. */
export function writeBlob(root: string, bytes: Uint8Array, mediaType: string, algorithm = "sha256"): Descriptor {
  const draft = new BlobDraft(root, algorithm);
  try {
    draft.write(bytes);
    draft.publish();
    return { mediaType, digest: draft.digest, size: draft.size };
  } finally {
    draft.discard();
  }
}

/** A blob that comes in pieces. `discard` at the end, whatever happened. */
export class BlobDraft {
  size = 0;
  /** The first four bytes: they tell how the content is compressed. */
  readonly start = Buffer.alloc(4);
  private readonly root: string;
  private readonly draft: Draft;
  private readonly hash: Hash;
  private readonly algorithm: string;
  private known: Digest | undefined;

  constructor(root: string, algorithm = "sha256") {
    this.root = root;
    this.draft = new Draft(draftsFolder(root));
    this.algorithm = algorithm;
    this.hash = newHash(algorithm);
  }

  get path(): string {
    return this.draft.path;
  }

  write(bytes: Uint8Array): void {
    if (this.size < 4) this.start.set(bytes.subarray(0, 4 - this.size), this.size);
    this.hash.update(bytes);
    this.draft.write(bytes);
    this.size += bytes.length;
  }

  /** Of all that was written; asked for when nothing more will be. */
  get digest(): Digest {
    this.known ??= `${this.algorithm}:${this.hash.digest("hex")}`;
    this.draft.close();
    return this.known;
  }

  publish(): void {
    const path = blobPath(this.root, this.digest);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.draft.publish(path);
  }

  discard(): void {
    this.draft.discard();
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
