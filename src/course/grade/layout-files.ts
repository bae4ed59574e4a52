// A root filesystem as an image: an OCI layout of four files. See the image specification, image-layout.md.

import { gzipSync } from "node:zlib";
import { digestOf } from "../../06-images/digest.ts";
import { hostPlatform, MEDIA, parseDigest } from "../../06-images/index.ts";
import type { TarEntry } from "../../06-images/tar-header.ts";
import { TarPacker } from "../../06-images/tar-pack.ts";
import type { PlantedFile } from "./planted.ts";

/** The layout's files: it promises one list of files, and its layer has the other in it. */
export function layoutFiles(promised: PlantedFile[], stored: PlantedFile[]): PlantedFile[] {
  const archive = archiveOf(promised);
  const layer = blob(MEDIA.LAYER_GZIP, gzipSync(archive));
  const { os, architecture } = hostPlatform();
  const config = json(MEDIA.CONFIG, {
    os,
    architecture,
    config: {},
    rootfs: { type: "layers", diff_ids: [digestOf(archive)] },
  });
  const manifest = json(MEDIA.MANIFEST, {
    schemaVersion: 2,
    mediaType: MEDIA.MANIFEST,
    config: config.descriptor,
    layers: [layer.descriptor],
  });
  const index = { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [manifest.descriptor] };
  return [
    ...["blobs", "blobs/sha256"].map((path) => ({ path, mode: 0o755 })),
    { path: "oci-layout", bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}'), mode: 0o644 },
    { path: "index.json", bytes: Buffer.from(JSON.stringify(index)), mode: 0o644 },
    ...[config, manifest, { ...layer, bytes: gzipSync(archiveOf(stored)) }].map(({ descriptor, bytes }) => ({
      path: `blobs/sha256/${parseDigest(descriptor.digest).hex}`,
      bytes,
      mode: 0o644,
    })),
  ];
}

const PLAIN: Omit<TarEntry, "name" | "mode" | "type" | "size"> = {
  linkName: "",
  uid: 0,
  gid: 0,
  mtimeNs: 0n,
  major: 0,
  minor: 0,
  xattrs: new Map(),
};

function archiveOf(files: PlantedFile[]): Buffer {
  const pieces: Buffer[] = [];
  const packer = new TarPacker((bytes) => void pieces.push(Buffer.from(bytes)));
  for (const { path, bytes, mode } of files) {
    packer.entry({ ...PLAIN, name: path, mode, type: bytes ? "file" : "directory", size: bytes?.length ?? 0 });
    if (bytes) packer.content(bytes);
    packer.done();
  }
  packer.end();
  return Buffer.concat(pieces);
}

function json(mediaType: string, value: object) {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function blob(mediaType: string, bytes: Buffer) {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
