// `ADD` of a URL: the file is fetched to where the build works, and checked on the way if the Dockerfile says what it is.

import { createWriteStream, mkdirSync } from "node:fs";
import { basename } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../01-syscalls/index.ts";
import { newHash, parseDigest } from "../06-images/digest.ts";
import { draftPath } from "../06-images/durable.ts";

export interface Downloaded {
  path: string;
  name: string;
  mtimeNs: bigint;
  digest: string;
}

export interface DownloadWish {
  url: string;
  /** `sha256:…` */
  checksum?: string | undefined;
  folder: string;
  signal: AbortSignal;
}

export function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** Throws UserError where it can't be had, or isn't what `checksum` says. */
export async function download({ url, checksum, folder, signal }: DownloadWish): Promise<Downloaded> {
  const { algorithm, hex } = checksum ? parseDigest(checksum) : { algorithm: "sha256", hex: undefined };
  const response = await get(url, signal);
  mkdirSync(folder, { recursive: true });
  const path = draftPath(folder);
  const hash = newHash(algorithm);
  const hashing = new Transform({
    transform(piece: Buffer, _, done) {
      hash.update(piece);
      done(null, piece);
    },
  });
  await pipeline(Readable.fromWeb(response.body as never), hashing, createWriteStream(path), { signal });
  const found = hash.digest("hex");
  if (hex !== undefined && hex !== found) {
    throw new UserError(`digest mismatch ${algorithm}:${found}: ${checksum} was expected of ${url}`);
  }
  return { path, name: nameOf(url), mtimeNs: timeOf(response), digest: `${algorithm}:${found}` };
}

async function get(url: string, signal: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(url, { signal });
    if (response.ok && response.body) return response;
    throw new UserError(`invalid response status ${response.status} of ${url}`);
  } catch (error) {
    if (error instanceof UserError || signal.aborted) throw error;
    const { cause } = error as Error;
    throw new UserError(`cannot download ${url}: ${cause instanceof Error ? cause.message : (error as Error).message}`);
  }
}

/** The last name of its path; empty where it has none. */
export function nameOf(url: string): string {
  const { pathname } = new URL(url);
  return pathname.endsWith("/") ? "" : decodeURIComponent(basename(pathname));
}

function timeOf({ headers }: Response): bigint {
  const time = Date.parse(headers.get("last-modified") ?? "");
  return Number.isNaN(time) ? 0n : BigInt(time) * 1_000_000n;
}
