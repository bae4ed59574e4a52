// Hashing a manifest takes microseconds, loading the code that hashes takes milliseconds, and `run` starts thousands of
// times from the same image. So the outcome of a verification is kept, with what the kernel knows about each file that
// was read. Nobody can change a file, or put another in its place, and keep inode number and change time (ctime): as
// long as those are the same, so is the content.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blobPath, readBlob } from "./blobs.ts";
import type { Digest } from "./digest.ts";
import { draftPath } from "./durable.ts";
import { draftsFolder } from "./layout.ts";

interface Memory {
  /** Blob → the state its file was in. */
  seen: Record<Digest, string>;
  outcome: unknown;
}

/** What `remember` kept under `key`, if every blob it was made from is still the same. */
export function recall<T>(root: string, key: string): T | undefined {
  try {
    const { seen, outcome } = JSON.parse(readFileSync(memoryPath(root, key), "utf8")) as Memory;
    const isSame = Object.entries(seen).every(([digest, state]) => stateOf(blobPath(root, digest)) === state);
    return isSame ? (outcome as T) : undefined;
  } catch {
    // Never verified, or something is gone: verifying says what.
    return undefined;
  }
}

/** Keeps what `verify` makes of the blobs it reads, which are checked. */
export function remember<T>(root: string, key: string, verify: (read: (digest: Digest) => Buffer) => T): T {
  const seen: Record<Digest, string> = {};
  const outcome = verify((digest) => {
    // Looked at before it is read: a change in between is noticed the next time.
    seen[digest] = stateOf(blobPath(root, digest)) ?? "gone";
    return readBlob(root, digest);
  });
  keep(root, key, { seen, outcome });
  return outcome;
}

/** Forgets what was verified of images that `isKept` denies; it gets the digest of their entries. */
export function forget(root: string, isKept: (digest: Digest) => boolean): void {
  for (const name of listOrNone(join(root, "verified"))) {
    if (!isKept(`sha256:${name.slice(0, 64)}`)) rmSync(join(root, "verified", name), { force: true });
  }
}

/** Not worth an fsync: what can't be read is verified again. A store one may only read is verified each time. */
function keep(root: string, key: string, memory: Memory): void {
  try {
    mkdirSync(join(root, "verified"), { recursive: true, mode: 0o700 });
    const draft = draftPath(draftsFolder(root));
    writeFileSync(draft, JSON.stringify(memory), { mode: 0o600 });
    renameSync(draft, memoryPath(root, key));
  } catch {}
}

/** `sha256:12ab… linux/amd64` → `12ab…-linux-amd64` */
function memoryPath(root: string, key: string): string {
  return join(root, "verified", key.replace(/^sha(256|512):/, "").replaceAll(/[^\w.]/g, "-"));
}

function stateOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.ino} ${stats.size} ${stats.ctimeNs}`;
}

function listOrNone(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
