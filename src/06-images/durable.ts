// A file that is either the old one or the new one, whenever the power fails: the new one is written beside it, put on
// the disk (fsync), and takes the name in one step (rename).

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

let drafts = 0;

/** A path in `folder` that no other draft has. */
export function draftPath(folder: string): string {
  drafts += 1;
  return join(folder, `${process.pid}-${Date.now().toString(36)}-${drafts}`);
}

/** A file being written. Nobody sees it under its final name before `publish`. */
export class Draft {
  readonly path: string;
  private fd: number;

  /** `folder` is on the filesystem where the file will be. */
  constructor(folder: string) {
    this.path = draftPath(folder);
    this.fd = openSync(this.path, "wx", 0o600);
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at);
  }

  /** Nothing more will be written; for when many drafts wait. */
  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
  }

  publish(path: string): void {
    if (this.fd < 0) this.fd = openSync(this.path, "r");
    fsyncSync(this.fd);
    this.close();
    renameSync(this.path, path);
  }

  /** To be called at the end, whatever happened: what is published can't be discarded any more. */
  discard(): void {
    this.close();
    rmSync(this.path, { force: true });
  }
}

/** Writes the whole file or changes nothing. */
export function writeFileDurably(path: string, content: string | Uint8Array, folder: string): void {
  const draft = new Draft(folder);
  try {
    draft.write(Buffer.from(content));
    draft.publish(path);
  } finally {
    draft.discard();
  }
}
