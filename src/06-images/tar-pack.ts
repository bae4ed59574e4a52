// Writes a tar archive as it comes, of any files: the other direction of tar.ts. Names and numbers that a header of 1979
// has no room for go into pax records before it, as bytes, so that a name is the same when it is read again.

import { Header } from "tar/header";
import type { BytePath } from "../05-overlay/index.ts";
import type { TarSink } from "./tar.ts";
import { BLOCK, type TarEntry, type TarType } from "./tar-header.ts";

const KINDS: Record<TarType, string> = {
  file: "File",
  link: "Link",
  symlink: "SymbolicLink",
  char: "CharacterDevice",
  block: "BlockDevice",
  directory: "Directory",
  fifo: "FIFO",
};

/** Its entries become bytes; `end` closes the archive. */
export class TarPacker implements TarSink {
  private readonly write: (bytes: Buffer) => void;
  private size = 0;

  constructor(write: (bytes: Buffer) => void) {
    this.write = write;
  }

  entry(entry: TarEntry): void {
    const isDirectory = entry.type === "directory" && !entry.name.endsWith("/");
    const named = isDirectory ? { ...entry, name: `${entry.name}/` } : entry;
    const records = recordsOf(named);
    if (records.length > 0) this.writeAll(paxHeader(records.length), records);
    this.write(headerOf(named));
    this.size = entry.type === "file" ? entry.size : 0;
  }

  content(piece: Buffer): void {
    this.write(piece);
  }

  done(): void {
    this.write(padding(this.size));
  }

  end(): void {
    this.write(Buffer.alloc(2 * BLOCK));
  }

  private writeAll(header: Buffer, records: Buffer): void {
    this.write(header);
    this.write(records);
    this.write(padding(records.length));
  }
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

function headerOf({ type, name, linkName, mode, uid, gid, size, mtimeNs, major, minor }: TarEntry): Buffer {
  const isDevice = type === "char" || type === "block";
  return encoded({
    type: KINDS[type],
    path: short(name),
    linkpath: short(linkName),
    mode,
    uid,
    gid,
    size: type === "file" ? size : 0,
    mtime: new Date(Math.max(0, Number(mtimeNs / 1_000_000_000n)) * 1000),
    ...(isDevice && { devmaj: major, devmin: minor }),
  });
}

function paxHeader(size: number): Buffer {
  return encoded({ type: "ExtendedHeader", path: "PaxHeader", mode: 0o644, uid: 0, gid: 0, size, mtime: new Date(0) });
}

function encoded(fields: object): Buffer {
  const block = Buffer.alloc(BLOCK);
  new Header(fields as ConstructorParameters<typeof Header>[0]).encode(block);
  return block;
}

/** What stands in the header where a pax record has the name itself. */
function short(name: BytePath): string {
  return fits(name) ? name : name.slice(-100).replace(/[^\x20-\x7e]/g, "_");
}

function fits(name: BytePath): boolean {
  return name.length < 100 && /^[\x20-\x7e]*$/.test(name);
}

function recordsOf({ name, linkName, mtimeNs, xattrs }: TarEntry): Buffer {
  const attributes = [...xattrs].map(([key, value]): Buffer => record(`SCHILY.xattr.${key}`, value.toString("latin1")));
  return Buffer.concat([
    ...(fits(name) ? [] : [record("path", name)]),
    ...(fits(linkName) ? [] : [record("linkpath", linkName)]),
    // A header can't tell of a time before 1970.
    ...(mtimeNs < 0n ? [record("mtime", String(mtimeNs / 1_000_000_000n))] : []),
    ...attributes,
  ]);
}

/** `30 path=…\n`: a record begins with its own length, of which these digits are a part. */
function record(key: string, value: BytePath): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.from(`${length}${rest}`, "latin1");
}
