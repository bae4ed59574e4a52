// An image as real ones are, made from nothing but a number: the same files each time, so that numbers of different days
// can be compared. Ten layers, 20 000 files of very different sizes, 207 MB, of which compression leaves two fifths.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { MEDIA } from "../src/06-images/index.ts";
import { type PackedEntry, packTar } from "../src/06-images/tar-write.ts";

export interface Sample {
  layers: number;
  /** In each layer, 40 to a folder. */
  files: number;
}

export const WHOLE: Sample = { layers: 10, files: 2000 };
export const TINY: Sample = { layers: 2, files: 40 };

const MEAN_BYTES = 10_350;
const FILES_A_FOLDER = 40;
/** Of the bytes, those that no compression makes fewer. */
const NOISE = 0.22;

/** Writes it as an OCI layout into `folder`, with the name `sample`. */
export function writeSample(folder: string, { layers, files }: Sample): void {
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const chance = new Chance(1);
  const tars = Array.from({ length: layers }, (_, index) => packTar(entries(`usr/share/layer${index}`, files, chance)));
  const packed = tars.map((tar) => blob(folder, gzipSync(tar, { level: 6 }), MEDIA.LAYER_GZIP));
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Cmd: ["true"] },
    rootfs: { type: "layers", diff_ids: tars.map(digestOf) },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.MANIFEST,
    config: json(folder, config, MEDIA.CONFIG),
    layers: packed,
  };
  const entry = json(folder, manifest, MEDIA.MANIFEST);
  const annotations = { "org.opencontainers.image.ref.name": "sample" };
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(folder, "index.json"),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, annotations }] }),
  );
}

function entries(top: string, files: number, chance: Chance): PackedEntry[] {
  return Array.from({ length: Math.ceil(files / FILES_A_FOLDER) }, (_, folder) => `${top}/${folder}`).flatMap(
    (path) => [
      { path, directory: true as const },
      ...Array.from({ length: FILES_A_FOLDER }, (_, file) => ({
        path: `${path}/file${file}`,
        content: content(chance),
      })),
    ],
  );
}

/** Many small ones, few large ones: sizes fall off exponentially. */
function content(chance: Chance): Buffer {
  const bytes = Buffer.alloc(1 + Math.floor(-Math.log(1 - chance.next()) * MEAN_BYTES));
  const noise = Math.floor(bytes.length * NOISE);
  for (let at = 0; at < noise; at++) bytes[at] = chance.next() * 256;
  for (let at = noise; at < bytes.length; )
    at += bytes.write(`${WORDS[Math.floor(chance.next() * WORDS.length)]} `, at);
  return bytes;
}

const WORDS = Array.from({ length: 256 }, (_, index) =>
  createHash("md5")
    .update(`${index}`)
    .digest("base64url")
    .slice(0, 4 + (index % 9)),
);

/** Numbers from 0 to 1 that look like chance and never change (mulberry32). */
class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

function json(folder: string, value: object, mediaType: string) {
  return blob(folder, Buffer.from(JSON.stringify(value)), mediaType);
}

function blob(folder: string, bytes: Buffer, mediaType: string) {
  const digest = digestOf(bytes);
  writeFileSync(join(folder, "blobs/sha256", digest.slice(7)), bytes);
  return { mediaType, digest, size: bytes.length };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
