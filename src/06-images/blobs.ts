// Blobs: files named by the digest of their content, so that one is never changed, only added or removed, and equal ones
// are one. What is read is checked against the name; what is written gets its name from what was really written.

import type { Hash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
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
  const bytes = readOrUndefined(path);
  if (!bytes) throw new UserError(`the image store lacks ${digest}`, { hint: "load the image again" });
  const { algorithm, hex } = parseDigest(digest);
  if (newHash(algorithm).update(bytes).digest("hex") === hex) return bytes;
  throw new UserError(`${path} is damaged: its content is not what its name says`, {
    hint: "load the image again",
  });
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

function readOrUndefined(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
