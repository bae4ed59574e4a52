// Archives among the sources of `ADD`, and as a build's context: found by their first bytes, whatever they are called, and
// unpacked. What Node can't decompress, the program of that name does, if there is one.

import { spawn } from "node:child_process";
import { closeSync, createWriteStream, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../01-syscalls/index.ts";
import { decompress, readPieces } from "../06-images/decompress.ts";
import { TarReader, type TarSink } from "../06-images/tar.ts";
import { BLOCK } from "../06-images/tar-header.ts";

const MAGIC: [program: string, bytes: string][] = [
  ["gzip", "1f8b"],
  ["zstd", "28b52ffd"],
  ["bzip2", "425a68"],
  ["xz", "fd377a585a00"],
];

/** By what it is compressed; `none` for an archive as it is, undefined for what is none. */
export function archiveKind(start: Buffer): string | undefined {
  const hex = start.toString("hex");
  const [program] = MAGIC.find(([, bytes]) => hex.startsWith(bytes)) ?? [];
  return program ?? (start.toString("latin1", 257, 262) === "ustar" ? "none" : undefined);
}

export function startOf(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const start = Buffer.alloc(BLOCK);
    return start.subarray(0, readSync(fd, start, 0, BLOCK, 0));
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes the archive at `path`, decompressed, to `to`. False if it is none: a compressed file that holds something else is
 * an ordinary file. Throws UserError for one that is damaged, or that nothing here can decompress.
 */
export async function unpackedTo(path: string, to: string): Promise<boolean> {
  const kind = archiveKind(startOf(path));
  if (kind === undefined) return false;
  const pieces = kind === "xz" || kind === "bzip2" ? through(kind, path) : decompress(readPieces(path));
  await pipeline(Readable.from(pieces), createWriteStream(to));
  return archiveKind(startOf(to)) === "none";
}

/** Given as standard input: the path may be a descriptor of ours. */
async function* through(program: string, path: string): AsyncGenerator<Buffer> {
  const input = openSync(path, "r");
  const child = spawn(program, ["-dc"], { stdio: [input, "pipe", "ignore"] });
  closeSync(input);
  const failed = new Promise<UserError | undefined>((resolve) => {
    child.once("error", () => resolve(new UserError(`${path} needs ${program}, which is not installed`)));
    child.once("close", (code) =>
      resolve(code === 0 ? undefined : new UserError(`${path} is damaged: ${program} says so`)),
    );
  });
  yield* child.stdout as AsyncIterable<Buffer>;
  const error = await failed;
  if (error) throw error;
}

/** Tells `sink` what the archive at `path`, which is not compressed, contains. Throws UserError where it is damaged. */
export function readTar(path: string, sink: TarSink): void {
  const reader = new TarReader(sink);
  for (const piece of piecesOfFile(path)) reader.push(piece);
  reader.end();
}

/** Its content, a megabyte at a time; a piece is good until the next one. */
export function* piecesOfFile(path: string): Generator<Buffer> {
  const fd = openSync(path, "r");
  try {
    const piece = Buffer.allocUnsafe(1 << 20);
    for (let count = readSync(fd, piece); count > 0; count = readSync(fd, piece)) yield piece.subarray(0, count);
  } finally {
    closeSync(fd);
  }
}
