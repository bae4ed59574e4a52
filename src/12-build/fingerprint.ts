// What files are, in one number: names, kinds, modes, owners, links and contents of a walk. Times are left out, so that a
// file that was only touched, or checked out anew, is the same file.

import type { Hash } from "node:crypto";
import { newHash } from "../06-images/digest.ts";
import type { TarSink } from "../06-images/tar.ts";
import type { TarEntry } from "../06-images/tar-header.ts";

export class Fingerprint implements TarSink {
  private readonly hash: Hash = newHash();

  entry({ type, name, linkName, mode, uid, gid, size, major, minor, xattrs }: TarEntry): void {
    const attributes = [...xattrs].map(([key, value]) => [key, value.toString("hex")]);
    this.hash.update(JSON.stringify([type, name, linkName, mode, uid, gid, size, major, minor, attributes]));
  }

  content(piece: Buffer): void {
    this.hash.update(piece);
  }

  done(): void {}

  /** To be asked for once, at the end. */
  get digest(): string {
    return this.hash.digest("hex");
  }
}
