// A tar header is from 1979: 100 bytes of name, numbers in octal, one letter for the type. What doesn't fit comes before it,
// in an entry of type `x` in the POSIX way (pax: records of any length), or `L` and `K` in GNU's. See tar(5) and pax(1).
//
// A library reads the numbers. Names and pax values are bytes, which it would decode, so those are read here.

import { Header } from "tar/header";
import { UserError } from "../01-syscalls/index.ts";
import type { BytePath } from "../05-overlay/index.ts";
import { type SparseHeader, sparseHeader } from "./sparse.ts";

export const BLOCK = 512;

export type TarType = "file" | "link" | "symlink" | "char" | "block" | "directory" | "fifo";

export interface TarEntry {
  type: TarType;
  /** As in the archive: it may begin with `/` or contain `..`. */
  name: BytePath;
  linkName: BytePath;
  mode: number;
  uid: number;
  gid: number;
  /** Of a file with holes: with them. */
  size: number;
  /** How many of its bytes are in the archive, where that is not all. */
  storedBytes?: number;
  mtimeNs: bigint;
  major: number;
  minor: number;
  /** Extended attributes by name. */
  xattrs: Map<string, Buffer>;
}

/** An entry, with where its content belongs if it has holes. */
export interface ReadEntry {
  entry: TarEntry;
  sparse: SparseHeader | undefined;
}

const TYPES: Record<string, TarType> = {
  "0": "file",
  "": "file",
  S: "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

/** What is remembered until the next real entry: pax records by key (bytes as latin1). */
export type Extra = Map<string, string>;

/** A header whose checksum is right, or a block of zeros. Throws UserError. */
export function readHeader(block: Buffer): Header {
  const header = parse(block);
  if (header.nullBlock || header.cksumValid) return header;
  throw new UserError("the archive is damaged: a header's checksum is wrong");
}

/** The library throws for numbers that no file could have. */
function parse(block: Buffer): Header {
  try {
    return new Header(block);
  } catch {
    throw new UserError("the archive is damaged: a header has a number that no file can have");
  }
}

/** Is this entry about the next one, or, of type `g`, about all that follow? */
export function isExtra(block: Buffer): boolean {
  return ["x", "g", "L", "K"].includes(typeOf(block));
}

/** What is known of the entries to come: of the next one, and of all. */
export interface Extras {
  next: Extra;
  all: Extra;
}

/** Adds what an extra entry's content says. Throws UserError. */
export function readExtra(block: Buffer, content: Buffer, { next, all }: Extras): void {
  const type = typeOf(block);
  if (type === "L") next.set("path", text(content, 0, content.length));
  else if (type === "K") next.set("linkpath", text(content, 0, content.length));
  else if (type === "g") for (const [key, value] of paxRecords(content)) addToAll(all, key, value);
  else for (const [key, value] of paxRecords(content)) addToNext(next, key, value);
}

/** Owner and time can be the same for all; one name or size for all would make no sense, and the rest is for people. */
function addToAll(all: Extra, key: string, value: string): void {
  if (["uid", "gid", "mtime"].includes(key)) all.set(key, value);
  else if (["path", "linkpath", "size"].includes(key))
    throw new UserError(`the archive has one ${key} for all its files`);
}

/** In the first way of describing holes a key comes again and again. */
function addToNext(next: Extra, key: string, value: string): void {
  const isSegment = key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes";
  const known = next.get("GNU.sparse.map");
  if (isSegment) next.set("GNU.sparse.map", known === undefined ? value : `${known},${value}`);
  else next.set(key, value);
}

/** Both together; an empty value takes back what was said. */
export function effective({ next, all }: Extras): Extra {
  return all.size === 0 ? next : new Map([...all, ...next].filter(([, value]) => value !== ""));
}

/** The entry of a header and of the extra entries before it. Throws UserError for kinds that no layer needs. */
export function readEntry(header: Header, block: Buffer, extra: Extra): ReadEntry {
  const name = extra.get("GNU.sparse.name") ?? extra.get("path") ?? nameOf(block);
  const sparse = sparseHeader(block, extra);
  const stored = number(extra.get("size")) ?? sizeOf(header, block);
  const entry: TarEntry = {
    type: kindOf(typeOf(block), name),
    name,
    linkName: extra.get("linkpath") ?? text(block, 157, 100),
    mode: (header.mode ?? 0) & 0o7777,
    uid: id(number(extra.get("uid")) ?? header.uid ?? 0),
    gid: id(number(extra.get("gid")) ?? header.gid ?? 0),
    size: sparse?.realSize ?? stored,
    mtimeNs: nanoseconds(extra.get("mtime")) ?? BigInt(Math.trunc((header.mtime?.getTime() || 0) / 1000)) * SECOND,
    major: octal(block, 329),
    minor: octal(block, 337),
    xattrs: xattrsOf(extra),
  };
  if (sparse && entry.type !== "file") throw new UserError("the archive is damaged: only files have holes");
  return { entry: sparse ? { ...entry, storedBytes: stored } : entry, sparse };
}

function kindOf(type: string, name: BytePath): TarType {
  const kind = TYPES[type];
  if (!kind) throw new UserError(`the archive has an entry of type ${JSON.stringify(type)}, which is not supported`);
  // Before there was a letter for directories, they were files whose name ends like that.
  return kind === "file" && name.endsWith("/") ? "directory" : kind;
}

function typeOf(block: Buffer): string {
  return block[156] === 0 ? "" : String.fromCharCode(block[156]!);
}

/** Bytes up to the first NUL. */
function text(block: Buffer, at: number, length: number): BytePath {
  const end = block.subarray(at, at + length).indexOf(0);
  return block.toString("latin1", at, at + (end < 0 ? length : end));
}

/** The POSIX format has room for a path before the name; GNU's keeps times there. */
function nameOf(block: Buffer): BytePath {
  const isPosix = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? text(block, 345, 155) : "";
  return prefix === "" ? text(block, 0, 100) : `${prefix}/${text(block, 0, 100)}`;
}

function octal(block: Buffer, at: number): number {
  return Number.parseInt(text(block, at, 8).trim() || "0", 8) || 0;
}

/** Each record is its own length in decimal, a space, `key=value`, a newline; the value is any bytes. */
function* paxRecords(bytes: Buffer): Generator<[string, string]> {
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(bytes.toString("latin1", at, at + 12), 10);
    const record = bytes.toString("latin1", at, at + length);
    const [, key, value] = /^\d+ ([^=]+)=(.*)\n$/s.exec(record) ?? [];
    const isWhole = key !== undefined && value !== undefined;
    if (!isWhole) throw new UserError("the archive is damaged: a pax header makes no sense");
    yield [key, value];
    at += length;
  }
}

const SECOND = 1_000_000_000n;
const XATTR = "SCHILY.xattr.";

function xattrsOf(extra: Extra): Map<string, Buffer> {
  const found = [...extra].filter(([key]) => key.startsWith(XATTR));
  return new Map(found.map(([key, value]) => [key.slice(XATTR.length), Buffer.from(value, "latin1")]));
}

function number(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new UserError("the archive is damaged: a pax header has no number where one belongs");
}

/** A size can be left out, but a negative one is none, and the library gives both back as nothing. Throws UserError. */
export function sizeOf({ size }: Header, block: Buffer): number {
  const isBlank = block.subarray(124, 136).every((byte) => byte === 0 || byte === 0x20);
  if (size === undefined && isBlank) return 0;
  if (size !== undefined && size >= 0) return size;
  throw new UserError("the archive is damaged: no file has such a size");
}

/** The kernel's ids have 32 bits, and the largest stands for "don't change". */
function id(number: number): number {
  if (number >= 0 && number < 0xffffffff) return number;
  throw new UserError("the archive is damaged: no user or group has such a number");
}

/** `1700000000.25` → 1700000000250000000n */
function nanoseconds(value: string | undefined): bigint | undefined {
  const [, sign, seconds, fraction = ""] = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value ?? "") ?? [];
  if (seconds === undefined) return undefined;
  const ns = BigInt(seconds) * SECOND + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign === "-" ? -ns : ns;
}
