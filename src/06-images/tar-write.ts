// Writes a tar archive in memory, in the POSIX format. The same entries always give the same bytes.

import { Header } from "tar/header";

const BLOCK = 512;

/** What goes in. Owner is root; the time is the beginning of 1970, so that only content decides what a layer's digest is. */
export type PackedEntry =
  | { path: string; mode?: number; content: Buffer | string }
  | { path: string; mode?: number; directory: true }
  | { path: string; symlink: string };

/** Paths are relative; they and link targets are ASCII, of at most 100 characters. */
export function packTar(entries: PackedEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(pack), Buffer.alloc(2 * BLOCK)]);
}

function pack(entry: PackedEntry): Buffer[] {
  const content = "content" in entry ? Buffer.from(entry.content) : Buffer.alloc(0);
  return [packHeader(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

function packHeader(entry: PackedEntry, size: number): Buffer {
  const common = { path: entry.path, uid: 0, gid: 0, size, mtime: new Date(0), uname: "root", gname: "root" };
  const header = new Header({ ...common, ...kindOf(entry) });
  const block = Buffer.alloc(BLOCK);
  if (header.encode(block)) throw new Error(`${entry.path} does not fit a tar header`);
  return block;
}

function kindOf(entry: PackedEntry) {
  if ("symlink" in entry) return { type: "SymbolicLink", linkpath: entry.symlink, mode: 0o777 } as const;
  if ("directory" in entry) return { type: "Directory", path: `${entry.path}/`, mode: entry.mode ?? 0o755 } as const;
  return { type: "File", mode: entry.mode ?? 0o644 } as const;
}
