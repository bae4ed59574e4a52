// What was written over an image's layers becomes a layer of its own: a blob, and the very directory that it was written
// in, which takes its place among the unpacked layers (unpack.ts). Nothing is unpacked that was never packed.
//
// The blob is a tar archive without compression. How a compressor cuts its input depends on its version, and a digest that
// depends on that is of no use to whoever builds the same image again; whoever sends the layer away may compress it then.

import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { type BytePath, makeOpaque, toBytePath } from "../05-overlay/index.ts";
import { BlobDraft } from "./blobs.ts";
import type { Digest } from "./digest.ts";
import { draftPath } from "./durable.ts";
import { naming } from "./failure.ts";
import { draftsFolder } from "./layout.ts";
import { type Descriptor, MEDIA } from "./manifest.ts";
import { type Changed, packChanges } from "./pack-changes.ts";
import { removeTree } from "./remove-tree.ts";
import { TarPacker } from "./tar-pack.ts";
import { layerDirectory, layersFolder, renameUnlessThere } from "./unpack.ts";

export interface PackedLayer {
  /** Its digest is that of the layer unpacked, too. */
  layer: Descriptor;
  /** Directories that hide what is below them, relative to the top. */
  opaque: BytePath[];
  isEmpty: boolean;
}

/** Adds the changes to the store as a blob. Hold the store (`keepStore`) meanwhile. Throws UserError on a full disk. */
export function packLayer(root: string, changed: Changed): PackedLayer {
  return naming(
    () => "cannot write the layer",
    () => packInto(new BlobDraft(root), changed),
  );
}

const END_OF_ARCHIVE = 1024;

function packInto(draft: BlobDraft, changed: Changed): PackedLayer {
  try {
    const gathered = new Gathered((bytes) => draft.write(bytes));
    const packer = new TarPacker((bytes) => gathered.write(bytes));
    const opaque = packChanges(changed, packer);
    packer.end();
    gathered.flush();
    draft.publish();
    const layer = { mediaType: MEDIA.LAYER, digest: draft.digest, size: draft.size };
    return { layer, opaque, isEmpty: draft.size === END_OF_ARCHIVE };
  } finally {
    draft.discard();
  }
}

/** Headers are small and many: one write(2) for a megabyte of them. */
class Gathered {
  private readonly pass: (bytes: Buffer) => void;
  private readonly room = Buffer.allocUnsafe(1 << 20);
  private held = 0;

  constructor(pass: (bytes: Buffer) => void) {
    this.pass = pass;
  }

  write(bytes: Buffer): void {
    if (this.held + bytes.length > this.room.length) this.flush();
    if (bytes.length < this.room.length) this.held += this.keep(bytes);
    else this.pass(bytes);
  }

  private keep(bytes: Buffer): number {
    this.room.set(bytes, this.held);
    return bytes.length;
  }

  flush(): void {
    if (this.held > 0) this.pass(this.room.subarray(0, this.held));
    this.held = 0;
  }
}

/**
 * `directory`, on the store's filesystem, becomes the unpacked layer `chainId`, as which it was packed; or goes away, if
 * that is there already.
 */
export function adoptLayer(root: string, chainId: Digest, directory: string, opaque: BytePath[]): void {
  // One kind of mount has set its own mark only, and any kind may come.
  for (const name of opaque) makeOpaque(`${toBytePath(directory)}/${name}`);
  const draft = draftPath(draftsFolder(root));
  mkdirSync(layersFolder(root), { recursive: true, mode: 0o700 });
  mkdirSync(draft, { mode: 0o755 });
  try {
    renameSync(directory, join(draft, "diff"));
    renameUnlessThere(draft, join(layerDirectory(root, chainId), ".."));
  } finally {
    removeTree(draft);
  }
}
