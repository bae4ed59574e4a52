// Archives among the sources of `ADD`, and as a build's context: found by their first bytes, whatever they are called, and
// read.

import { closeSync, openSync, readSync } from "node:fs";
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
