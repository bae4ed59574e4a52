// What a repository holds: the manifests that the store's names lead to, those below an index, and the blobs they are
// made of. A blob of another repository is in the store too, but not in this one.

import { statSync } from "node:fs";
import { blobPath, hasBlob, readBlob } from "../../06-images/blobs.ts";
import type { Digest } from "../../06-images/digest.ts";
import { nameOfEntry, readIndex } from "../../06-images/layout.ts";
import {
  type Descriptor,
  isImageConfig,
  LONGEST_MANIFEST,
  NO_PARTS,
  type Parts,
  partsOf,
} from "../../06-images/manifest.ts";
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
    if (contentsOf(root, manifest).blobs.some((blob) => blob.digest === digest)) return true;
  }
  return false;
}

/** The index of the repository that refers to the manifest, if one does. */
export function indexOver(root: string, repository: string, digest: Digest): Descriptor | undefined {
  for (const manifest of manifestsOf(root, repository)) {
    if (childrenOf(root, manifest).some((child) => child.digest === digest)) return manifest;
  }
  return undefined;
}

/** Every manifest of the repository that is there, once; those below an index after it. */
export function* manifestsOf(root: string, repository: string): Generator<Descriptor> {
  const manifests = new Map(entriesOf(root, repository).map(({ entry }) => [entry.digest, entry]));
  for (const manifest of manifests.values()) {
    if (!hasBlob(root, manifest.digest)) continue;
    yield manifest;
    for (const child of childrenOf(root, manifest)) {
      if (!manifests.has(child.digest)) manifests.set(child.digest, child);
    }
  }
}

/** The manifests of an index that are there. */
export function childrenOf(root: string, manifest: Descriptor): Descriptor[] {
  return contentsOf(root, manifest).manifests.filter(({ digest }) => hasBlob(root, digest));
}

/** All that is below any of the entries. */
export function descendantsOf(root: string, entries: Descriptor[]): Set<Digest> {
  const below = new Map<Digest, Descriptor>();
  const add = (children: Descriptor[]) => {
    for (const child of children) if (!below.has(child.digest)) below.set(child.digest, child);
  };
  for (const entry of entries) add(childrenOf(root, entry));
  for (const child of below.values()) add(childrenOf(root, child));
  return new Set(below.keys());
}

/** What is known of a manifest: what it refers to, what it is about, and what it is if it is no image. */
interface Contents extends Parts {
  subject?: Digest;
  artifactType?: string;
}

/** Content never changes under its digest, so each manifest is read once, and kept as long as all of them are not much. */
const known = new Map<string, Contents>();
let knownBytes = 0;
const MOST_KNOWN_BYTES = 4 * LONGEST_MANIFEST;

/** The manifest that a manifest names as its subject. */
export function subjectOf(root: string, manifest: Descriptor): Digest | undefined {
  return contentsOf(root, manifest).subject;
}

/** What the store's list says of a manifest that is in the store. */
export function entryOf(root: string, { mediaType, digest, size }: Descriptor): Descriptor {
  const { artifactType } = contentsOf(root, { mediaType, digest, size });
  return { mediaType, digest, size, ...(artifactType !== undefined && { artifactType }) };
}

/** Nothing, where it is no manifest, whatever it is called. */
function contentsOf(root: string, manifest: Descriptor): Contents {
  const key = `${manifest.mediaType} ${manifest.digest}`;
  const found = known.get(key);
  if (found) return found;
  const bytes = readSmall(root, manifest.digest);
  return bytes ? remember(key, bytes.length, contentsIn(bytes, manifest)) : NO_PARTS;
}

function remember(key: string, bytes: number, contents: Contents): Contents {
  if (knownBytes + bytes > MOST_KNOWN_BYTES) {
    known.clear();
    knownBytes = 0;
  }
  known.set(key, contents);
  knownBytes += bytes;
  return contents;
}

function readSmall(root: string, digest: Digest): Buffer | undefined {
  try {
    return statSync(blobPath(root, digest)).size > LONGEST_MANIFEST ? undefined : readBlob(root, digest);
  } catch {
    return undefined;
  }
}

function contentsIn(bytes: Buffer, manifest: Descriptor): Contents {
  try {
    const { subject, artifactType } = JSON.parse(bytes.toString()) as Partial<Descriptor> & { subject?: Descriptor };
    const parts = partsOf(bytes, manifest);
    const type = artifactType || artifactTypeOf(parts);
    return { ...parts, ...(subject && { subject: subject.digest }), ...(type && { artifactType: type }) };
  } catch {
    return NO_PARTS;
  }
}

function artifactTypeOf({ config }: Parts): string | undefined {
  return config && !isImageConfig(config.mediaType) ? config.mediaType : undefined;
}
