// Writes one file's content over a file that is open already, and so is the one that was meant: a link to it stays a link,
// and what is mounted there stays mounted.

import { fchmodSync, fchownSync, futimesSync } from "node:fs";
import type { TarSink } from "../../06-images/tar.ts";
import type { TarEntry } from "../../06-images/tar-header.ts";
import { type PlaceOptions, writeAll } from "./place-tree.ts";

export class FilePlacer implements TarSink {
  private readonly fd: number;
  private readonly ownerOf: PlaceOptions["ownerOf"];
  private last: TarEntry | undefined;

  /** `fd` is open for writing, and empty. */
  constructor(fd: number, { ownerOf }: PlaceOptions) {
    this.fd = fd;
    this.ownerOf = ownerOf;
  }

  entry(entry: TarEntry): void {
    this.last = entry;
  }

  content(piece: Buffer): void {
    writeAll(this.fd, piece);
  }

  done(): void {
    if (!this.last) return;
    const owner = this.ownerOf?.(this.last);
    if (owner) fchownSync(this.fd, owner.uid, owner.gid);
    fchmodSync(this.fd, this.last.mode);
    const seconds = Number(this.last.mtimeNs) / 1e9;
    futimesSync(this.fd, seconds, seconds);
  }
}
