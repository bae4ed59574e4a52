// Where images are loaded from: a directory, or an archive that comes in one pass and may be a pipe. Either way their files
// are copied to drafts first and get their digests on the way, so that nothing enters the store before all is checked.

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join, posix } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { toText } from "../05-overlay/index.ts";
import { BlobDraft } from "./blobs.ts";
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
    return orUndefined(() => readFileSync(join(this.directory, name)));
  }

  draft(name: string): BlobDraft | undefined {
    return this.drafts.get(name) ?? this.copy(name);
  }

  close(): void {
    for (const draft of this.drafts.values()) draft.discard();
  }

  private copy(name: string): BlobDraft | undefined {
    const fd = orUndefined(() => openSync(join(this.directory, name), "r"));
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
}

/** The files of an archive, given to it by a TarReader. */
export class ArchiveSource implements ImageSource, TarSink {
  private readonly root: string;
  private readonly drafts = new Map<string, BlobDraft>();
  /** `docker save` once wrote a layer that two images share as a link. */
  private readonly links = new Map<string, string>();
  private current: BlobDraft | undefined;

  constructor(root: string) {
    this.root = root;
  }

  entry({ type, name, linkName }: TarEntry): void {
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
    return draft && readFileSync(draft.path);
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
