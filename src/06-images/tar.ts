// A tar archive is blocks of 512 bytes: a header, then that many blocks of content, then the next header, and two blocks
// of zeros at the end. A header is from 1979: 100 bytes of name, sizes in octal. What doesn't fit comes in an entry of its
// own before the real one, `x` in the POSIX way (pax), `L` and `K` in GNU's. See tar(5) and pax(1).
//
// A library reads the numbers. Names and pax values are bytes, which it would decode, so those are read here.

import { Header } from "tar/header";
import { UserError } from "../01-syscalls/index.ts";
import type { BytePath } from "../05-overlay/index.ts";

const BLOCK = 512;
/** Longer than any name and its attributes; what is larger is an attack on our memory. */
const MOST_EXTRA = 1 << 20;

export type TarType = "file" | "link" | "symlink" | "char" | "block" | "directory" | "fifo";

export interface TarEntry {
  type: TarType;
  /** As in the archive: it may begin with `/` or contain `..`. */
  name: BytePath;
  linkName: BytePath;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtimeNs: bigint;
  major: number;
  minor: number;
  /** Extended attributes by name. */
  xattrs: Map<string, Buffer>;
}

/** Who is told what the archive contains, in its order. Content arrives in pieces that are only valid during the call. */
export interface TarSink {
  entry(entry: TarEntry): void;
  content(piece: Buffer): void;
  /** All of the entry's content has arrived. */
  done(): void;
}

const TYPES: Record<string, TarType> = {
  "0": "file",
  "": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

/** What is remembered until the next real entry: pax records by key (bytes as latin1). */
type Extra = Map<string, string>;

/** Takes an archive in pieces of any size. Throws UserError where it is damaged. */
export class TarReader {
  private readonly sink: TarSink;
  private state: "header" | "content" | "extra" | "end" = "header";
  private header = Buffer.alloc(0);
  /** Bytes of content still to come, and of padding after it. */
  private left = 0;
  private padding = 0;
  private extra: Extra = new Map();
  private extraType = "";
  private extraBytes: Buffer[] = [];

  constructor(sink: TarSink) {
    this.sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.state !== "end") {
      if (this.left > 0) at = this.pushContent(chunk, at);
      else if (this.padding > 0) at = this.skip(chunk, at);
      else at = this.pushHeader(chunk, at);
    }
  }

  /** The archive is over. Those that lack the closing zeros are common; those that end inside an entry are cut. */
  end(): void {
    if (this.left > 0 || this.header.length > 0) throw new UserError("unexpected EOF: the archive is cut short");
  }

  private pushContent(chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, at + this.left);
    this.left -= piece.length;
    if (this.state === "extra") this.extraBytes.push(Buffer.from(piece));
    else this.sink.content(piece);
    if (this.left === 0) this.finish();
    return at + piece.length;
  }

  private skip(chunk: Buffer, at: number): number {
    const skipped = Math.min(this.padding, chunk.length - at);
    this.padding -= skipped;
    return at + skipped;
  }

  private pushHeader(chunk: Buffer, at: number): number {
    const needed = BLOCK - this.header.length;
    const piece = chunk.subarray(at, at + needed);
    const block = this.header.length === 0 ? piece : Buffer.concat([this.header, piece]);
    if (block.length < BLOCK) {
      this.header = Buffer.from(block);
    } else {
      this.header = Buffer.alloc(0);
      this.begin(block);
    }
    return at + piece.length;
  }

  private begin(block: Buffer): void {
    const header = readHeader(block);
    if (header.nullBlock) {
      this.state = "end";
      return;
    }
    const type = String.fromCharCode(block[156]!).replace("\0", "");
    const isExtra = "xgLK".includes(type) && type !== "";
    const entry = isExtra ? undefined : this.entryOf(type, header, block);
    const size = entry ? entry.size : (header.size ?? 0);
    this.left = entry && entry.type !== "file" ? 0 : size;
    this.padding = (BLOCK - (this.left % BLOCK)) % BLOCK;
    this.state = entry ? "content" : "extra";
    if (entry) this.sink.entry(entry);
    else this.beginExtra(type);
    if (this.left === 0) this.finish();
  }

  private beginExtra(type: string): void {
    if (this.left > MOST_EXTRA) throw new UserError("the archive has a header of more than 1 MB");
    this.extraType = type;
    this.extraBytes = [];
  }

  private finish(): void {
    if (this.state === "extra") this.addExtra(Buffer.concat(this.extraBytes));
    else this.sink.done();
    this.state = "header";
  }

  private addExtra(bytes: Buffer): void {
    const name = () => bytes.toString("latin1").replace(/\0.*$/s, "");
    if (this.extraType === "L") this.extra.set("path", name());
    else if (this.extraType === "K") this.extra.set("linkpath", name());
    else if (this.extraType === "x") for (const [key, value] of paxRecords(bytes)) this.extra.set(key, value);
    // Type `g` is for all that follows: git writes its commit there, and nobody else uses it.
  }

  private entryOf(type: string, header: Header, block: Buffer): TarEntry {
    const { extra } = this;
    this.extra = new Map();
    if ([...extra.keys()].some((key) => key.startsWith("GNU.sparse."))) throw unknownType("sparse file");
    const name = extra.get("path") ?? nameOf(block);
    const kind = TYPES[type];
    if (!kind) throw unknownType(`entry of type ${JSON.stringify(type)}`);
    return {
      type: kind === "file" && name.endsWith("/") ? "directory" : kind,
      name,
      linkName: extra.get("linkpath") ?? text(block, 157, 100),
      mode: (header.mode ?? 0) & 0o7777,
      uid: number(extra.get("uid")) ?? header.uid ?? 0,
      gid: number(extra.get("gid")) ?? header.gid ?? 0,
      size: number(extra.get("size")) ?? header.size ?? 0,
      mtimeNs:
        nanoseconds(extra.get("mtime")) ?? BigInt(Math.trunc((header.mtime?.getTime() ?? 0) / 1000)) * 1_000_000_000n,
      major: octal(block, 329),
      minor: octal(block, 337),
      xattrs: xattrsOf(extra),
    };
  }
}

function unknownType(what: string): UserError {
  return new UserError(`the archive has a ${what}, which is not supported`);
}

function readHeader(block: Buffer): Header {
  const header = parse(block);
  if (header && (header.nullBlock || header.cksumValid)) return header;
  throw new UserError("the archive is damaged: a header's checksum is wrong");
}

/** The library throws for numbers that no file could have. */
function parse(block: Buffer): Header | undefined {
  try {
    return new Header(block);
  } catch {
    return undefined;
  }
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
    if (key === undefined || value === undefined)
      throw new UserError("the archive is damaged: a pax header makes no sense");
    yield [key, value];
    at += length;
  }
}

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

/** `1700000000.25` → 1700000000250000000n */
function nanoseconds(value: string | undefined): bigint | undefined {
  const [, sign, seconds, fraction = ""] = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value ?? "") ?? [];
  if (seconds === undefined) return undefined;
  const ns = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return sign === "-" ? -ns : ns;
}
