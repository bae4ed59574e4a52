// Where images are loaded from: a directory, or an archive that comes in one pass and may be a pipe. Either way their files
// are copied to drafts first and get their digests on the way, so that nothing enters the store before all is checked.

import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join, posix } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { toText } from "../05-overlay/index.ts";
import { BlobDraft } from "./blobs.ts";
import { LONGEST_JSON } from "./manifest.ts";
import type { TarSink } from "./tar.ts";
import type { TarEntry } from "./tar-header.ts";

export interface ImageSource {
  /** A small file; undefined if there is none of that name. */
  read(name: string): Buffer | undefined;
  /** A blob's draft, complete; undefined if there is none of that name. The source discards it. */
  draft(name: string): BlobDraft | undefined;
  /** Discards all drafts that were not published. */
  close(): void;
}

const PIECE = 1 << 20;

/** Each is a draft of its own. */
const MOST_FILES = 20_000;

/** The files of a directory. */
export class DirectorySource implements ImageSource {
  private readonly root: string;
  private readonly directory: string;
  /** Two images may share a layer; it is copied once. */
  private readonly drafts = new Map<string, BlobDraft>();

  constructor(root: string, directory: string) {
    this.root = root;
    this.directory = directory;
  }

  read(name: string): Buffer | undefined {
    const fd = this.open(name);
    if (fd === undefined) return undefined;
    try {
      return readSmall(fd, name);
    } finally {
      closeSync(fd);
    }
  }

  draft(name: string): BlobDraft | undefined {
    return this.drafts.get(name) ?? this.copy(name);
  }

  close(): void {
    for (const draft of this.drafts.values()) draft.discard();
  }

  private copy(name: string): BlobDraft | undefined {
    const fd = this.open(name);
    if (fd === undefined) return undefined;
    const draft = new BlobDraft(this.root);
    this.drafts.set(name, draft);
    try {
      copy(fd, draft);
    } finally {
      closeSync(fd);
    }
    return draft;
  }

  /** A pipe is not waited for, and a device has no end. */
  private open(name: string): number | undefined {
    const { O_RDONLY, O_NONBLOCK } = constants;
    const fd = orUndefined(() => openSync(join(this.directory, name), O_RDONLY | O_NONBLOCK));
    if (fd === undefined || fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw new UserError(`${name} is no file`);
  }
}

/** The files of an archive, given to it by a TarReader. */
export class ArchiveSource implements ImageSource, TarSink {
  private readonly root: string;
  private readonly drafts = new Map<string, BlobDraft>();
  /** `docker save` once wrote a layer that two images share as a link. */
  private readonly links = new Map<string, string>();
  private current: BlobDraft | undefined;
  private count = 0;

  constructor(root: string) {
    this.root = root;
  }

  entry({ type, name, linkName }: TarEntry): void {
    this.count += 1;
    if (this.count > MOST_FILES) throw new UserError(`it has more than ${MOST_FILES} files: no image has`);
    const path = posix.normalize(toText(name));
    if (type === "file") this.begin(path);
    else if (type === "symlink") this.links.set(path, posix.join(posix.dirname(path), toText(linkName)));
    else if (type === "link") this.links.set(path, posix.normalize(toText(linkName)));
  }

  content(piece: Buffer): void {
    this.current!.write(piece);
  }

  done(): void {
    // Asking for the digest also closes the file: there may be a thousand of them.
    void this.current?.digest;
    this.current = undefined;
  }

  read(name: string): Buffer | undefined {
    const draft = this.draft(name);
    if (!draft) return undefined;
    requireSmall(draft.size, name);
    return readFileSync(draft.path);
  }

  draft(name: string): BlobDraft | undefined {
    const path = posix.normalize(name);
    return this.drafts.get(this.links.get(path) ?? path);
  }

  close(): void {
    for (const draft of this.drafts.values()) draft.discard();
  }

  private begin(path: string): void {
    this.drafts.get(path)?.discard();
    this.current = new BlobDraft(this.root);
    this.drafts.set(path, this.current);
  }
}

function readSmall(fd: number, name: string): Buffer {
  requireSmall(fstatSync(fd).size, name);
  return readFileSync(fd);
}

function requireSmall(size: number, name: string): void {
  if (size > LONGEST_JSON) throw new UserError(`${name} is larger than any image needs: ${size} bytes`);
}

/** What an index or manifest names has to be there. */
export function requireDraft(source: ImageSource, name: string): BlobDraft {
  const draft = source.draft(name);
  if (draft) return draft;
  throw new UserError(`${name} is missing`);
}

function copy(fd: number, draft: BlobDraft): void {
  const piece = Buffer.allocUnsafe(PIECE);
  for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece))
    draft.write(piece.subarray(0, length));
  void draft.digest;
}

function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
