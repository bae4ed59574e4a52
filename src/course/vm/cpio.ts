// A folder as the archive that a kernel unpacks into memory before its first process starts: the "newc" form of cpio. Each
// file is a header of hexadecimal digits, its name, and its contents, each of the last two filled up to a multiple of four.
// See Documentation/driver-api/early-userspace/buffer-format.rst.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** The folders, links and files below `folder`, and `more` files by name, which can be executed. */
export function cpioOf(folder: string, more: Record<string, string>): Buffer {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const entries = [
    ...names.map((name) => entryOf(name, join(folder, name))),
    ...Object.entries(more).map(([name, text]) => ({ name, mode: 0o100755, contents: Buffer.from(text) })),
    { name: "TRAILER!!!", mode: 0, contents: Buffer.alloc(0) },
  ];
  return Buffer.concat(entries.flatMap(piecesOf));
}

interface Entry {
  name: string;
  mode: number;
  contents: Buffer;
}

function entryOf(name: string, path: string): Entry {
  const status = lstatSync(path);
  const { mode } = status;
  if (status.isSymbolicLink()) return { name, mode, contents: Buffer.from(readlinkSync(path)) };
  return { name, mode, contents: status.isFile() ? readFileSync(path) : Buffer.alloc(0) };
}

function piecesOf({ name, mode, contents }: Entry, index: number): Buffer[] {
  const nameBytes = Buffer.from(`${name}\0`);
  // inode, mode, owner, group, links, time, size, four device numbers, length of the name, no checksum
  const fields = [index + 1, mode, 0, 0, 1, 0, contents.length, 0, 0, 0, 0, nameBytes.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`;
  return [filledUp(Buffer.concat([Buffer.from(header), nameBytes])), filledUp(contents)];
}

function filledUp(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
