// Images that lie: the files of `base`, and above them a layer by somebody who knows which paths an engine goes by.

import { ensureImage, MEDIA, newHash, type ProcessConfig, writeBlob } from "../../06-images/index.ts";
import type { TarEntry } from "../../06-images/tar-header.ts";
import { TarPacker } from "../../06-images/tar-pack.ts";
import { nameImage, writeImage } from "../../06-images/write-image.ts";

/** One file of the layer. Names and links are written as they are, wherever they lead. */
export type Lie = Pick<TarEntry, "name" | "type"> & Partial<TarEntry> & { content?: Buffer | string };

export const link = (name: string, target: string): Lie => ({ name, type: "symlink", linkName: target });

/** Adds the image to the store, and returns its name. */
export async function makeLiar(root: string, lies: Lie[], process: ProcessConfig = {}): Promise<string> {
  const { config, layers } = await ensureImage(root, "base");
  const archive = archiveOf(lies);
  const layer = writeBlob(root, archive, MEDIA.LAYER);
  const own = {
    ...config,
    config: { ...config.config, ...process },
    rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, layer.digest] },
  };
  const name = `localhost/liar-${newHash("sha256").update(archive).update(JSON.stringify(process)).digest("hex").slice(0, 12)}`;
  nameImage(root, writeImage(root, own, [...layers, layer]), [`${name}:latest`]);
  return name;
}

const NOTHING = { linkName: "", mode: 0o755, uid: 0, gid: 0, mtimeNs: 0n, major: 0, minor: 0, xattrs: new Map() };

function archiveOf(lies: Lie[]): Buffer {
  const pieces: Buffer[] = [];
  const packer = new TarPacker((bytes) => pieces.push(bytes));
  for (const { content = "", ...lie } of lies) {
    const bytes = Buffer.from(content);
    packer.entry({ ...NOTHING, size: bytes.length, ...lie });
    if (lie.type === "file") packer.content(bytes);
    if (lie.type === "file") packer.done();
  }
  packer.end();
  return Buffer.concat(pieces);
}
