// A tar archive is blocks of 512 bytes: a header, then that many blocks of content, then the next header, and two blocks
// of zeros at the end. What a header has no room for comes in an entry of its own before the real one. See tar(5).

import { UserError } from "../01-syscalls/index.ts";
import { type HoleSink, SparseContent, sparseBlock } from "./sparse.ts";
import {
  BLOCK,
  type Extras,
  effective,
  isExtra,
  type ReadEntry,
  readEntry,
  readExtra,
  readHeader,
  sizeOf,
  type TarEntry,
} from "./tar-header.ts";

/** Longer than any name and its attributes; what is larger is an attack on our memory. */
const MOST_EXTRA = 1 << 20;

/** And of all those before one entry, together. */
const MOST_EXTRAS = 4 << 20;

/** Who is told what the archive contains, in its order. Content arrives in pieces that are only valid during the call. */
export interface TarSink {
  entry(entry: TarEntry): void;
  content(piece: Buffer): void;
  /** So many zeros, which the archive doesn't have. Who has no `hole` takes no files with holes. */
  hole?(length: number): void;
  /** All of the entry's content has arrived. */
  done(): void;
}

/** Takes an archive in pieces of any size. Throws UserError where it is damaged. */
export class TarReader {
  private readonly sink: TarSink;
  private state: "header" | "content" | "extra" | "segments" | "end" = "header";
  private header = Buffer.alloc(0);
  /** Bytes of content still to come, and of padding after it. */
  private left = 0;
  private padding = 0;
  private readonly extras: Extras = { next: new Map(), all: new Map() };
  private extraHeader = Buffer.alloc(0);
  private extraBytes: Buffer[] = [];
  private extraSize = 0;
  private sparse: SparseContent | undefined;

  constructor(sink: TarSink) {
    this.sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.state !== "end") {
      if (this.state === "segments") at = this.pushBlock(chunk, at);
      else if (this.left > 0) at = this.pushContent(chunk, at);
      else if (this.padding > 0) at = this.skip(chunk, at);
      else at = this.pushBlock(chunk, at);
    }
  }

  /** The archive is over. Those that lack the closing zeros are common; those that end inside an entry are cut. */
  end(): void {
    const isInside = this.left > 0 || this.header.length > 0 || this.state === "segments";
    if (isInside) throw new UserError("unexpected EOF: the archive is cut short");
  }

  private pushContent(chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, at + this.left);
    this.left -= piece.length;
    if (this.state === "extra") this.extraBytes.push(Buffer.from(piece));
    else (this.sparse ?? this.sink).content(piece);
    if (this.left === 0) this.finish();
    return at + piece.length;
  }

  private skip(chunk: Buffer, at: number): number {
    const skipped = Math.min(this.padding, chunk.length - at);
    this.padding -= skipped;
    return at + skipped;
  }

  private pushBlock(chunk: Buffer, at: number): number {
    const needed = BLOCK - this.header.length;
    const piece = chunk.subarray(at, at + needed);
    const block = this.header.length === 0 ? piece : Buffer.concat([this.header, piece]);
    if (block.length < BLOCK) {
      this.header = Buffer.from(block);
    } else {
      this.header = Buffer.alloc(0);
      if (this.state === "segments") this.addSegments(block);
      else this.begin(block);
    }
    return at + piece.length;
  }

  private begin(block: Buffer): void {
    const header = readHeader(block);
    if (header.nullBlock) {
      this.state = "end";
      return;
    }
    if (isExtra(block)) this.beginExtra(sizeOf(header, block), block);
    else this.beginEntry(readEntry(header, block, effective(this.extras)));
    this.padding = (BLOCK - (this.left % BLOCK)) % BLOCK;
    if (this.left === 0 && this.state !== "segments") this.finish();
  }

  private beginEntry({ entry, sparse }: ReadEntry): void {
    this.extras.next.clear();
    this.extraSize = 0;
    this.left = entry.type === "file" ? (entry.storedBytes ?? entry.size) : 0;
    this.state = sparse?.more === "blocks" ? "segments" : "content";
    this.sparse = sparse && new SparseContent(sparse, sinkWithHoles(this.sink));
    this.sink.entry(entry);
  }

  private addSegments(block: Buffer): void {
    const { segments, isMore } = sparseBlock(block);
    this.sparse!.add(segments);
    if (isMore) return;
    this.state = "content";
    if (this.left === 0) this.finish();
  }

  private beginExtra(size: number, block: Buffer): void {
    this.extraSize += size;
    if (size > MOST_EXTRA) throw new UserError("the archive has a header of more than 1 MB");
    if (this.extraSize > MOST_EXTRAS) throw new UserError("the archive has headers of more than 4 MB before an entry");
    this.state = "extra";
    this.left = size;
    this.extraHeader = Buffer.from(block);
    this.extraBytes = [];
  }

  private finish(): void {
    if (this.state === "extra") readExtra(this.extraHeader, Buffer.concat(this.extraBytes), this.extras);
    else this.endEntry();
    this.state = "header";
  }

  private endEntry(): void {
    this.sparse?.end();
    this.sparse = undefined;
    this.sink.done();
  }
}

function sinkWithHoles(sink: TarSink): HoleSink {
  if (!sink.hole) throw new UserError("the archive has a sparse file, which is not supported here");
  return sink as TarSink & HoleSink;
}
