// A blob on its way into the store. It may take long, break off, and go on another day, so what came of it has a name:
//
//   ROOT/partial/sha256-<hex>      as much as there is, from its beginning
//
// Whoever fetches it holds a lock on the file; somebody else who wants the same blob waits, and finds it in the store. It
// is published only when its content is what its name says. What nobody goes on with is thrown away after a while
// (collect.ts).

import {
  closeSync,
  fstatSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { LOCK, performOne, step } from "../01-syscalls/index.ts";
import { blobPath, hasWholeBlob } from "./blobs.ts";
import { type Digest, newHash, parseDigest } from "./digest.ts";
import { makeFolder } from "./folder.ts";
import type { Descriptor } from "./manifest.ts";

const PIECE = 1 << 18;
const ASK_AGAIN_MS = 50;

type Sized = Pick<Descriptor, "digest" | "size">;

/** The only one on this machine that fetches this blob. Close it, whatever happened: what came is kept. */
export class PartialBlob {
  /** Bytes so far. */
  size = 0;
  private readonly root: string;
  private readonly digest: Digest;
  /** Bytes that it will have. */
  private readonly whole: number;
  /** Where it is now. */
  private path: string;
  private readonly fd: number;
  private hash;
  private isOpen = true;
  private wakeFollowers: (() => void)[] = [];

  private constructor(root: string, { digest, size }: Sized, claimed: Claimed) {
    this.root = root;
    this.digest = digest;
    this.whole = size;
    this.path = claimed.path;
    this.fd = claimed.fd;
    this.hash = newHash(parseDigest(digest).algorithm);
    this.takeUp();
  }

  /** Waits while somebody else fetches it; undefined once it is in the store. */
  static async claim(root: string, blob: Sized, signal?: AbortSignal): Promise<PartialBlob | undefined> {
    for (;;) {
      const claimed = hasWholeBlob(root, blob) ? undefined : tryClaim(root, blob.digest);
      if (hasWholeBlob(root, blob)) {
        if (claimed) abandon(claimed);
        return undefined;
      }
      if (claimed) return new PartialBlob(root, blob, claimed);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      signal?.throwIfAborted();
    }
  }

  write(bytes: Uint8Array): void {
    this.hash.update(bytes);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at);
    this.size += bytes.length;
    this.wake();
  }

  /** What came was wrong. Nobody may be following. */
  restart(): void {
    ftruncateSync(this.fd, 0);
    this.size = 0;
    this.hash = newHash(parseDigest(this.digest).algorithm);
  }

  /** Nothing more will come: is it what it should be? */
  isRight(): boolean {
    return this.hash.copy().digest("hex") === parseDigest(this.digest).hex;
  }

  /** Gives it its name in the store. To be called only if it is right. */
  async publish(): Promise<void> {
    // As large as it may be, it takes the disk a moment; others work meanwhile.
    await promisify(fsync)(this.fd);
    const path = blobPath(this.root, this.digest);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    renameSync(this.path, path);
    this.path = path;
    this.close();
  }

  discard(): void {
    rmSync(this.path, { force: true });
    this.close();
  }

  close(): void {
    // Who follows has a descriptor of his own.
    if (this.isOpen) closeSync(this.fd);
    this.isOpen = false;
    this.wake();
  }

  /** Its content from the beginning, each piece as soon as it is there. Ends without a word if the rest never comes. */
  async *follow(): AsyncGenerator<Buffer> {
    const fd = openSync(this.path, "r");
    try {
      for (let at = 0; at < this.size || (this.isOpen && at < this.whole); ) {
        const piece = readAt(fd, at, this.size);
        at += piece.length;
        if (piece.length > 0) yield piece;
        else await new Promise<void>((resolve) => this.wakeFollowers.push(resolve));
      }
    } finally {
      closeSync(fd);
    }
  }

  private wake(): void {
    for (const wake of this.wakeFollowers.splice(0)) wake();
  }

  /** Goes on where somebody stopped. */
  private takeUp(): void {
    const length = fstatSync(this.fd).size;
    for (let piece = readAt(this.fd, 0, length); piece.length > 0; piece = readAt(this.fd, this.size, length)) {
      this.hash.update(piece);
      this.size += piece.length;
    }
  }
}

function readAt(fd: number, at: number, end: number): Buffer {
  const piece = Buffer.allocUnsafe(Math.max(0, Math.min(PIECE, end - at)));
  return piece.subarray(0, readSync(fd, piece, 0, piece.length, at));
}

interface Claimed {
  path: string;
  fd: number;
}

function tryClaim(root: string, digest: Digest): Claimed | undefined {
  const { algorithm, hex } = parseDigest(digest);
  makeFolder(join(root, "partial"));
  const path = join(root, "partial", `${algorithm}-${hex}`);
  const fd = openSync(path, "a+", 0o600);
  if (isLocked(fd) && isAt(fd, path)) return { path, fd };
  closeSync(fd);
  return undefined;
}

/** The other one has finished: nothing is left to do. */
function abandon({ path, fd }: Claimed): void {
  rmSync(path, { force: true });
  closeSync(fd);
}

function isLocked(fd: number): boolean {
  const why = "others see that this blob is being fetched";
  return performOne(step("flock", [fd, LOCK.EX | LOCK.NB], { why, retry: ["EINTR"], allow: ["EAGAIN"] })) >= 0;
}

/** Who had the lock before may have given the file its final name. */
function isAt(fd: number, path: string): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  return named !== undefined && named.ino === fstatSync(fd).ino;
}
