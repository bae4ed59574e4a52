// Layers and archives come compressed with gzip, with zstd, or not at all. What it is stands in the first bytes, whatever
// the media type or the file's name claim.

import { createReadStream } from "node:fs";
import { pipeline, Readable, type Transform } from "node:stream";
import * as zlib from "node:zlib";
import { UserError } from "../01-syscalls/index.ts";

/** Large pieces: each is one trip to a thread that decompresses while this one writes files. */
const PIECE = 1 << 18;
/** How far that thread may be ahead. */
const AHEAD = 8;

type Pieces = AsyncIterable<Buffer>;

/** The content of a file in large pieces. */
export function readPieces(path: string): Pieces {
  return createReadStream(path, { highWaterMark: PIECE });
}

/** The content without its compression. Throws UserError where it is cut short or damaged. */
export async function* decompress(source: Pieces): AsyncGenerator<Buffer> {
  const { start, all } = await peek(source);
  const kind = compressionOf(start);
  refuseOthers(start);
  const counted = { read: 0 };
  try {
    const packed = counting(all, counted);
    yield* kind === "gzip"
      ? limited(through(packed, gunzip()), counted)
      : kind === "zstd"
        ? limited(unzstd(packed), counted)
        : all;
  } catch (error) {
    throw isFromReading(error) ? error : damaged(error as Error);
  }
}

/** So much may come of anything. */
const ALWAYS_FINE = 2 ** 30;

/** More than any program or text shrinks by; zeros shrink by a thousand, and a small archive of them fills any disk. */
const MOST_TIMES = 200;

interface Counted {
  /** Bytes that went in. */
  read: number;
}

async function* counting(source: Pieces, counted: Counted): Pieces & AsyncGenerator<Buffer> {
  for await (const piece of source) {
    counted.read += piece.length;
    yield piece;
  }
}

/** Throws UserError as soon as too much comes out for what has gone in. */
async function* limited(source: Pieces, counted: Counted): Pieces & AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > Math.max(ALWAYS_FINE, counted.read * MOST_TIMES)) throw tooMuch();
    yield piece;
  }
}

function tooMuch(): UserError {
  return new UserError(`it unpacks to more than ${MOST_TIMES} times its size, and to more than a gigabyte`, {
    hint: "if that is what it should be, unpack it with another program: what isn't compressed has no such limit",
  });
}

export type Compression = "gzip" | "zstd" | "none";

/** By the magic number: RFC 1952 for gzip, RFC 8878 for zstd. */
export function compressionOf(start: Buffer): Compression {
  if (start.readUInt16BE(0) === 0x1f8b) return "gzip";
  return start.readUInt32LE(0) === 0xfd2fb528 ? "zstd" : "none";
}

/** Two more that archives come in; neither Node nor anything small reads them. */
function refuseOthers(start: Buffer): void {
  const name =
    start.toString("latin1", 0, 3) === "BZh" ? "bzip2" : start.readUInt32BE(0) === 0xfd377a58 ? "xz" : undefined;
  if (name === undefined) return;
  throw new UserError(`it is compressed with ${name}, which is not supported`, {
    hint: `\`${name} -dc FILE\` unpacks it, and what comes out can be read from standard input`,
  });
}

/** The first four bytes (zeros where there are fewer), and everything, those included. */
async function peek(source: Pieces): Promise<{ start: Buffer; all: Pieces }> {
  const pieces = source[Symbol.asyncIterator]();
  let read: Buffer = Buffer.alloc(0);
  while (read.length < 4) {
    const { done, value } = await pieces.next();
    if (done) break;
    read = read.length === 0 ? value : Buffer.concat([read, value]);
  }
  const start = Buffer.alloc(4);
  read.copy(start);
  return { start, all: join(read, pieces) };
}

async function* join(first: Buffer, rest: AsyncIterator<Buffer>): Pieces & AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function gunzip(): Transform {
  return zlib.createGunzip({ chunkSize: PIECE, readableHighWaterMark: AHEAD * PIECE } as zlib.ZlibOptions);
}

/** Errors of the source end the iteration too. */
function through(source: Pieces, transform: Transform): Pieces {
  pipeline(Readable.from(source), transform, () => {});
  return transform;
}

/** Node has zstd from 22.15 on. */
function unzstd(source: Pieces): Pieces {
  const create = (zlib as { createZstdDecompress?: (options: object) => Transform }).createZstdDecompress;
  return create ? through(source, create({ chunkSize: PIECE })) : unzstdInScript(source);
}

async function* unzstdInScript(source: Pieces): Pieces & AsyncGenerator<Buffer> {
  const { Decompress } = await import("fzstd");
  let ready: Buffer[] = [];
  let isComplete = false;
  const stream = new Decompress((piece, isLast) => {
    ready.push(Buffer.from(piece));
    isComplete = isLast === true;
  });
  for await (const piece of source) {
    stream.push(piece);
    yield* ready;
    ready = [];
  }
  stream.push(new Uint8Array(0), true);
  yield* ready;
  if (!isComplete) throw new Error("unexpected end of file");
}

/** Not about what was read, but about reading. */
function isFromReading(error: unknown): boolean {
  return error instanceof UserError || (error as NodeJS.ErrnoException).syscall !== undefined;
}

function damaged(cause: Error): UserError {
  return new UserError(`the archive is cut short or damaged: ${cause.message}`, { cause });
}
