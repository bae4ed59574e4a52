// A digest is a name that can't lie: `sha256:` and the hash of the content. Whoever has the name can check that what they
// were given is what was meant, whoever gave it. See the OCI image specification, descriptor.md, "Digests".

import type { Hash } from "node:crypto";
import { UserError } from "../01-syscalls/index.ts";

/** `sha256:` and 64 hexadecimal digits (or `sha512:` and 128). */
export type Digest = string;

const LENGTHS: Record<string, number> = { sha256: 64, sha512: 128 };

/** The digest's two parts. Throws UserError for anything that could not be a path in the store. */
export function parseDigest(text: string): { algorithm: string; hex: string } {
  const [, algorithm = "", hex = ""] = /^(sha256|sha512):([0-9a-f]+)$/.exec(text) ?? [];
  if (hex.length === 0 || hex.length !== LENGTHS[algorithm])
    throw new UserError(`invalid digest: ${JSON.stringify(text)}`);
  return { algorithm, hex };
}

export function isDigest(text: string): boolean {
  const [algorithm = "", hex = ""] = text.split(":");
  return (
    /^[0-9a-f]+$/.test(hex) && LENGTHS[algorithm] === hex.length && text.length === algorithm.length + 1 + hex.length
  );
}

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${newHash("sha256").update(bytes).digest("hex")}`;
}

/** For content that comes in pieces. */
export function newHash(algorithm = "sha256"): Hash {
  // Asked for when needed: loading node:crypto takes milliseconds, and a start that finds all in place hashes nothing.
  return process.getBuiltinModule("node:crypto").createHash(algorithm);
}

/** `sha256:9a35…` → `9a3512bcd4ef`, as tables show it. */
export function shortId(digest: Digest): string {
  return parseDigest(digest).hex.slice(0, 12);
}
