// `ADD` of a URL: the file is fetched to where the build works, piece by piece, so that it may be as large as the disk has
// room for, and checked on the way if the Dockerfile says what it is.

import { createWriteStream, mkdirSync } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../01-syscalls/index.ts";
import { newHash, parseDigest } from "../06-images/digest.ts";
import { draftPath } from "../06-images/durable.ts";
import { named } from "../06-images/failure.ts";
import { trustFor } from "../11-registry/certificates.ts";
import { type Answer, Connections } from "../11-registry/exchange.ts";
import { following } from "../11-registry/redirects.ts";

export interface Downloaded {
  path: string;
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

/** Throws UserError where it can't be had, or isn't what `checksum` says. */
export async function download({ url, checksum, folder, signal }: DownloadWish): Promise<Downloaded> {
  const { algorithm, hex } = checksum ? parseDigest(checksum) : { algorithm: "sha256", hex: undefined };
  mkdirSync(folder, { recursive: true });
  const path = draftPath(folder);
  const hash = newHash(algorithm);
  const mtimeNs = await fetching(url, signal, async (answer) => {
    const hashing = new Transform({
      transform(piece: Buffer, _, done) {
        hash.update(piece);
        done(null, piece);
      },
    });
    await pipeline(answer.body, hashing, createWriteStream(path), { signal });
    return timeOf(answer);
  });
  const found = hash.digest("hex");
  if (hex !== undefined && hex !== found) {
    throw new UserError(`digest mismatch ${algorithm}:${found}: ${checksum} was expected of ${url}`);
  }
  return { path, mtimeNs, digest: `${algorithm}:${found}` };
}

async function fetching<T>(url: string, signal: AbortSignal, read: (answer: Answer) => Promise<T>): Promise<T> {
  const connections = new Connections((host) => trustFor(host, false));
  try {
    const outgoing = { method: "GET", url: new URL(url), headers: { "User-Agent": "mini-docker" } };
    const answer = await following(outgoing, (to) => connections.send(to, signal));
    if (answer.status === 200) return await read(answer);
    throw new UserError(`invalid response status ${answer.status}`);
  } catch (error) {
    if (signal.aborted) throw error;
    throw named(`cannot download ${url}`, error);
  } finally {
    connections.close();
  }
}

function timeOf({ headers }: Answer): bigint {
  const time = Date.parse(headers["last-modified"] ?? "");
  return Number.isNaN(time) ? 0n : BigInt(time) * 1_000_000n;
}
