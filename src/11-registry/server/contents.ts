// What a repository holds: the manifests that the store's names lead to, those below an index, and the blobs they are
// made of. A blob of another repository is in the store too, but not in this one.

import { statSync } from "node:fs";
import { blobPath, hasBlob, readBlob } from "../../06-images/blobs.ts";
import type { Digest } from "../../06-images/digest.ts";
import { nameOfEntry, readIndex } from "../../06-images/layout.ts";
import { type Descriptor, LONGEST_MANIFEST, NO_PARTS, type Parts, partsOf } from "../../06-images/manifest.ts";
import { servedName } from "./repositories.ts";

/** An entry of the store's list, as a registry sees it. */
export interface Tagged {
  entry: Descriptor;
  repository: string;
  tag: string | undefined;
}

/** All that is served, what is localhost's first. */
export function servedEntries(root: string): Tagged[] {
  const all = readIndex(root).flatMap((entry) => {
    const served = servedName(entry);
    return served ? [{ entry, ...served }] : [];
  });
  return [...all.filter(isOurs), ...all.filter((one) => !isOurs(one))];
}

function isOurs({ entry }: Tagged): boolean {
  return nameOfEntry(entry)?.startsWith("localhost/") === true;
}

export function entriesOf(root: string, repository: string): Tagged[] {
  return servedEntries(root).filter((one) => one.repository === repository);
}

/** The manifest that a tag is at. */
export function taggedManifest(root: string, repository: string, tag: string): Descriptor | undefined {
  return entriesOf(root, repository).find((one) => one.tag === tag)?.entry;
}

/** The manifest with that digest, where the repository has it. */
export function manifestWith(root: string, repository: string, digest: Digest): Descriptor | undefined {
  for (const manifest of manifestsOf(root, repository)) if (manifest.digest === digest) return manifest;
  return undefined;
}

/** Whether a manifest of the repository refers to the blob. */
export function isPartOf(root: string, repository: string, digest: Digest): boolean {
  for (const manifest of manifestsOf(root, repository)) {
    if (storedParts(root, manifest).blobs.some((blob) => blob.digest === digest)) return true;
  }
  return false;
}

/** The index of the repository that refers to the manifest, if one does. */
export function indexOver(root: string, repository: string, digest: Digest): Descriptor | undefined {
  for (const manifest of manifestsOf(root, repository)) {
    if (storedParts(root, manifest).manifests.some((child) => child.digest === digest)) return manifest;
  }
  return undefined;
}

/** Every manifest of the repository that is there, once; those below an index after it. */
export function* manifestsOf(root: string, repository: string): Generator<Descriptor> {
  const manifests = new Map(entriesOf(root, repository).map(({ entry }) => [entry.digest, entry]));
  for (const manifest of manifests.values()) {
    if (!hasBlob(root, manifest.digest)) continue;
    yield manifest;
    for (const child of storedParts(root, manifest).manifests) {
      if (!manifests.has(child.digest)) manifests.set(child.digest, child);
    }
  }
}

/** Content never changes under its digest, so each manifest is read once, and kept as long as all of them are not much. */
const known = new Map<string, Parts>();
let knownBytes = 0;
const MOST_KNOWN_BYTES = 16 * LONGEST_MANIFEST;

/** What a manifest refers to; nothing where it isn't one, whatever it is called. */
function storedParts(root: string, manifest: Descriptor): Parts {
  const key = `${manifest.mediaType} ${manifest.digest}`;
  return known.get(key) ?? remember(key, readParts(root, manifest));
}

function remember(key: string, { bytes, parts }: { bytes: number; parts: Parts }): Parts {
  if (knownBytes + bytes > MOST_KNOWN_BYTES) {
    known.clear();
    knownBytes = 0;
  }
  if (bytes > 0) known.set(key, parts);
  knownBytes += bytes;
  return parts;
}

function readParts(root: string, manifest: Descriptor): { bytes: number; parts: Parts } {
  try {
    if (statSync(blobPath(root, manifest.digest)).size > LONGEST_MANIFEST) return { bytes: 0, parts: NO_PARTS };
    const content = readBlob(root, manifest.digest);
    return { bytes: content.length, parts: partsOf(content, manifest) };
  } catch {
    return { bytes: 0, parts: NO_PARTS };
  }
}
