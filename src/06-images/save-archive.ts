// Images as one archive that everybody reads. It is two things at once:
//
//   oci-layout, index.json     an OCI layout: for `skopeo copy oci-archive:…`, containerd, and docker from 25 on
//   manifest.json              what `docker save` has always written: the same files, by their paths
//   blobs/sha256/<hex>         which both point at, byte for byte as they are in the store, so that digests stay
//
// See the OCI image specification, image-layout.md.

import { statSync } from "node:fs";
import { blobPath, checkedPieces, hasBlob, readBlob } from "./blobs.ts";
import type { Digest } from "./digest.ts";
import { reachableFrom, readImage } from "./image.ts";
import { blobName, CONTAINERD_NAME, REF_NAME, withoutName } from "./layout.ts";
import { type Descriptor, isIndex, MEDIA, parseIndex } from "./manifest.ts";
import { hostPlatform, isSamePlatform } from "./platform.ts";
import { familiarName, parseReference } from "./reference.ts";
import type { TarEntry } from "./tar-header.ts";
import { TarPacker } from "./tar-pack.ts";

export interface Saved {
  entry: Descriptor;
  /** Full ones; none for an image that was asked for by its id. */
  names: string[];
}

/** Gives `write` the archive. Throws UserError if a blob is damaged or missing. */
export function writeArchive(root: string, images: Saved[], write: (bytes: Buffer) => void): void {
  const packer = new TarPacker(write);
  const blobs = new Set(images.flatMap(({ entry }) => reachableFrom(root, entry).blobs));
  for (const folder of ["blobs", "blobs/sha256"]) writeEntry(packer, { type: "directory", name: folder, mode: 0o755 });
  // Of an index only some images may be here.
  for (const digest of blobs) if (hasBlob(root, digest)) writeBlobFile(root, digest, packer);
  const index = { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: images.flatMap(indexEntries) };
  writeJson(packer, "index.json", index);
  writeJson(
    packer,
    "manifest.json",
    images.map((image) => dockerEntry(root, image)),
  );
  writeJson(packer, "oci-layout", { imageLayoutVersion: "1.0.0" });
  packer.end();
}

function indexEntries({ entry, names }: Saved): Descriptor[] {
  const nameless = withoutName(entry);
  if (names.length === 0) return [nameless];
  return names.map((name) => {
    const { tag } = parseReference(name);
    const named = { [CONTAINERD_NAME]: name, ...(tag !== undefined && { [REF_NAME]: tag }) };
    return { ...nameless, annotations: { ...nameless.annotations, ...named } };
  });
}

/** Docker's list knows no platforms: of an image for several it has ours, or else the first one. */
function dockerEntry(root: string, { entry, names }: Saved): object {
  const { id, layers } = imageOf(root, entry);
  const paths = layers.map(({ digest }) => blobName(digest));
  return { Config: blobName(id), RepoTags: names.length > 0 ? names.map(familiarName) : null, Layers: paths };
}

function imageOf(root: string, entry: Descriptor) {
  if (!isIndex(entry)) return readImage(root, entry);
  const { manifests } = parseIndex(readBlob(root, entry.digest), entry.digest);
  const present = manifests.filter(({ digest }) => hasBlob(root, digest));
  const ours = present.find(({ platform }) => platform && isSamePlatform(hostPlatform(), platform));
  return readImage(root, ours ?? present[0] ?? entry);
}

function writeBlobFile(root: string, digest: Digest, packer: TarPacker): void {
  const { size } = statSync(blobPath(root, digest));
  packer.entry(entryOf({ type: "file", name: blobName(digest), mode: 0o644, size }));
  for (const piece of checkedPieces(root, digest)) packer.content(piece);
  packer.done();
}

function writeJson(packer: TarPacker, name: string, value: object): void {
  const bytes = Buffer.from(JSON.stringify(value));
  packer.entry(entryOf({ type: "file", name, mode: 0o644, size: bytes.length }));
  packer.content(bytes);
  packer.done();
}

function writeEntry(packer: TarPacker, entry: Partial<TarEntry>): void {
  packer.entry(entryOf(entry));
  packer.done();
}

/** Owner and time say nothing, so that the same images make the same archive. */
function entryOf(given: Partial<TarEntry>): TarEntry {
  const nothing = { linkName: "", uid: 0, gid: 0, size: 0, mtimeNs: 0n, major: 0, minor: 0, xattrs: new Map() };
  return { type: "file", name: "", mode: 0o644, ...nothing, ...given };
}
