// A sparse file has holes: stretches of zeros that no disk has stored. An archive leaves them out and says where the rest
// belongs, in one of four ways that GNU tar has had: in the header of type `S` and blocks after it; in pax records, one
// for each number (0.0) or one for all (0.1); or as text in front of the content (1.0).
// See the GNU tar manual, "Storing Sparse Files".

import { UserError } from "../01-syscalls/index.ts";
import type { Extra } from "./tar-header.ts";

/** A stretch of what is stored: where in the file it belongs, and its length. */
export type Segment = [offset: number, length: number];

/** What the header says. More segments may follow it. */
export interface SparseHeader {
  /** Of the whole file, holes included. */
  realSize: number;
  segments: Segment[];
  /** Where more segments are: in blocks of their own, or in front of the content. */
  more?: "blocks" | "text";
}

/** Who gets the file's bytes, in their order. */
export interface HoleSink {
  content(piece: Buffer): void;
  hole(length: number): void;
}

/** More than any disk's fragments; a list that is longer is an attack on our memory. */
const MOST_SEGMENTS = 1 << 16;

/** Of the header block and the pax records before it; undefined for a file without holes. Throws UserError. */
export function sparseHeader(block: Buffer, extra: Extra): SparseHeader | undefined {
  if (block[156] === 0x53) return oldGnu(block);
  if (extra.get("GNU.sparse.major") !== undefined) return version1(extra);
  const map = extra.get("GNU.sparse.map");
  if (map === undefined && !extra.has("GNU.sparse.size")) return undefined;
  const numbers = map ? map.split(",").map(decimal) : [];
  return { realSize: decimal(extra.get("GNU.sparse.size") ?? ""), segments: pairs(numbers) };
}

function version1(extra: Extra): SparseHeader {
  if (extra.get("GNU.sparse.major") !== "1" || extra.get("GNU.sparse.minor") !== "0") {
    throw new UserError("the archive has a sparse file of a version that nobody knows");
  }
  return { realSize: decimal(extra.get("GNU.sparse.realsize") ?? ""), segments: [], more: "text" };
}

function oldGnu(block: Buffer): SparseHeader {
  const isMore = block[482] !== 0;
  return { realSize: numeric(block, 483), segments: segmentsIn(block, 386, 4), ...(isMore && { more: "blocks" }) };
}

/** One of the blocks that may follow a header of type `S`, and whether yet another follows. */
export function sparseBlock(block: Buffer): { segments: Segment[]; isMore: boolean } {
  return { segments: segmentsIn(block, 0, 21), isMore: block[504] !== 0 };
}

const FIELD = 12;

/** Pairs of numbers; the first that is empty ends them. */
function segmentsIn(block: Buffer, at: number, most: number): Segment[] {
  const segments: Segment[] = [];
  for (let index = 0; index < most && block[at + index * 2 * FIELD] !== 0; index++) {
    const start = at + index * 2 * FIELD;
    segments.push([numeric(block, start), numeric(block, start + FIELD)]);
  }
  return segments;
}

/** Octal, or, where the first bit is set, the bytes as they are. */
function numeric(block: Buffer, at: number): number {
  const field = block.subarray(at, at + FIELD);
  if (field[0]! & 0x80) return safe(Number(BigInt(`0x${field.subarray(1).toString("hex")}`)));
  const text = field
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trimStart();
  return /^[0-7]+$/.test(text) ? safe(Number.parseInt(text, 8)) : safe(Number.NaN);
}

function decimal(text: string): number {
  return /^\d{1,16}$/.test(text) ? safe(Number(text)) : safe(Number.NaN);
}

function safe(number: number): number {
  if (Number.isSafeInteger(number)) return number;
  throw new UserError("the archive is damaged: where a sparse file's content belongs makes no sense");
}

function pairs(numbers: number[]): Segment[] {
  if (numbers.length % 2 === 1) safe(Number.NaN);
  return Array.from({ length: numbers.length / 2 }, (_, index) => [numbers[index * 2]!, numbers[index * 2 + 1]!]);
}

/** Puts the holes back between the pieces of content as they come. */
export class SparseContent {
  private readonly sink: HoleSink;
  private readonly realSize: number;
  private readonly segments: Segment[];
  private text: Buffer | undefined;
  /** Where the file is complete up to. */
  private at = 0;
  /** Of the segment that is coming in: its number, and how much of it has come. */
  private current = 0;
  private come = 0;

  constructor({ realSize, segments, more }: SparseHeader, sink: HoleSink) {
    this.sink = sink;
    this.realSize = realSize;
    this.segments = segments;
    if (more === "text") this.text = Buffer.alloc(0);
  }

  /** More segments, from the blocks after the header. Throws UserError. */
  add(segments: Segment[]): void {
    this.segments.push(...segments);
    if (this.segments.length > MOST_SEGMENTS) throw tooMany();
  }

  content(piece: Buffer): void {
    if (this.text !== undefined) this.readText(piece);
    else this.place(piece);
  }

  /** All has come. Throws UserError if the file isn't complete. */
  end(): void {
    if (this.text !== undefined) safe(Number.NaN);
    while (this.current < this.segments.length && this.segments[this.current]![1] === 0) this.current += 1;
    if (this.current < this.segments.length) safe(Number.NaN);
    this.advance(this.realSize);
  }

  /** A number a line: how many segments, then offset and length of each; whole blocks of it. */
  private readText(piece: Buffer): void {
    this.text = Buffer.concat([this.text!, piece]);
    const end = endOfMap(this.text);
    if (end === undefined) return;
    const rest = this.text.subarray(Math.ceil(end / BLOCK) * BLOCK);
    if (this.text.length < Math.ceil(end / BLOCK) * BLOCK) return;
    const [, ...numbers] = this.text.toString("latin1", 0, end).trim().split("\n").map(decimal);
    this.text = undefined;
    this.add(pairs(numbers));
    this.place(rest);
  }

  private place(piece: Buffer): void {
    for (let rest = piece; rest.length > 0; ) {
      const segment = this.segments[this.current];
      if (!segment) throw safe(Number.NaN);
      const [offset, length] = segment;
      if (this.come === 0) this.advance(offset);
      const part = rest.subarray(0, length - this.come);
      if (part.length > 0) this.sink.content(part);
      this.come += part.length;
      this.at += part.length;
      rest = rest.subarray(part.length);
      if (this.come === length) this.next();
    }
  }

  private next(): void {
    this.current += 1;
    this.come = 0;
  }

  /** Backwards it doesn't go, nor beyond the end. */
  private advance(offset: number): void {
    if (offset < this.at || offset > this.realSize || this.at > this.realSize) safe(Number.NaN);
    if (offset > this.at) this.sink.hole(offset - this.at);
    this.at = offset;
  }
}

const BLOCK = 512;

/** Where the text ends; undefined as long as it doesn't. Throws UserError for what is no such text. */
function endOfMap(text: Buffer): number | undefined {
  const first = text.indexOf(10);
  if (first < 0 && text.length > BLOCK) safe(Number.NaN);
  if (first < 0) return undefined;
  const count = decimal(text.toString("latin1", 0, first));
  if (count > MOST_SEGMENTS) throw tooMany();
  let end = first;
  for (let line = 0; line < 2 * count; line++) {
    end = text.indexOf(10, end + 1);
    if (end < 0) return undefined;
  }
  return end + 1;
}

function tooMany(): UserError {
  return new UserError(`the archive has a sparse file of more than ${MOST_SEGMENTS} pieces`);
}
