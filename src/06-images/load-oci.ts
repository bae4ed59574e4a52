// Images from an OCI layout, a directory or an archive of one: `index.json` names them, `blobs` has all they are made of.
// See the OCI image specification, image-layout.md.

import { UserError } from "../01-syscalls/index.ts";
import type { BlobDraft } from "./blobs.ts";
import { parseConfig, requireSameLayers } from "./config.ts";
import { blobName, CONTAINERD_NAME, REF_NAME } from "./layout.ts";
import {
  choosePlatform,
  type Descriptor,
  isImageConfig,
  isIndex,
  isManifest,
  type Parts,
  parseIndex,
  partsOf,
} from "./manifest.ts";
import type { Platform } from "./platform.ts";
import { fullName, parseReference } from "./reference.ts";
import { type ImageSource, requireDraft } from "./source.ts";

/** An image that can enter the store: its entry, the name it goes by, and drafts of all its blobs, checked. */
export interface Loadable {
  entry: Descriptor;
  name: string | undefined;
  blobs: BlobDraft[];
}

/** The images of the layout's index. Throws UserError. */
export function ociEntries(source: ImageSource): Descriptor[] {
  const bytes = source.read("index.json");
  if (!bytes) throw new UserError("it has no index.json");
  return parseIndex(bytes, "index.json").manifests;
}

/** The entry that the layout calls `name`; without a name, the only one. Throws UserError. */
export function chooseEntry(entries: Descriptor[], name: string | undefined): Descriptor {
  const found = name === undefined ? entries : entries.filter((entry) => refName(entry) === name);
  if (found.length === 1) return found[0]!;
  const names = entries.map(refName).filter(Boolean).join(", ") || "none has a name";
  if (name !== undefined) throw new UserError(`it has no image called ${name} (there are: ${names})`);
  throw new UserError(`it has ${entries.length} images, say which: ${names}`);
}

/** Of an index its image for `platform`, under the same names. Throws UserError, in Docker's words, if it has none. */
export function onPlatform(source: ImageSource, entry: Descriptor, platform: Platform): Descriptor {
  if (!isIndex(entry)) return entry;
  checkedDraft(source, entry);
  const index = parseIndex(source.read(blobName(entry.digest))!, entry.digest);
  return { ...choosePlatform(index, platform), ...(entry.annotations && { annotations: entry.annotations }) };
}

/** All that `entry` is made of. `folder` names images that only say their tag. Throws UserError. */
export function loadOci(source: ImageSource, entry: Descriptor, folder: string | undefined): Loadable {
  // The store says names in its own way; a second one would be out of date with the first `tag`.
  const { [CONTAINERD_NAME]: _, ...annotations } = entry.annotations ?? {};
  return { entry: { ...entry, annotations }, name: storeName(entry, folder), blobs: draftsOf(source, entry) };
}

/**
 * What the store calls an image: containerd's full name; a full name where the layout has one; else its tag, after the
 * folder it came from. `oci:/tmp/app:v1` becomes `localhost/app:v1`.
 */
export function storeName(entry: Descriptor, folder: string | undefined): string | undefined {
  const full = entry.annotations?.[CONTAINERD_NAME];
  const name = refName(entry);
  if (full !== undefined) return fullName(parseReference(full));
  if (name !== undefined && /[:/]/.test(name)) return fullName(parseReference(name));
  return folder === undefined ? undefined : fullName(parseReference(`localhost/${slug(folder)}:${name ?? "latest"}`));
}

function refName({ annotations }: Descriptor): string | undefined {
  return annotations?.[REF_NAME];
}

/** `My App.tar.gz` → `my-app` */
function slug(folder: string): string {
  const name = folder.toLowerCase().replace(/(\.oci)?\.(tar|tgz|tar\.\w+)$/, "");
  return name.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "image";
}

/** Of an index, those images that are there: one often copies a single platform. What two share is looked at once. */
function draftsOf(source: ImageSource, entry: Descriptor): BlobDraft[] {
  const drafts = new Set<BlobDraft>();
  const manifests = new Map([[entry.digest, entry]]);
  // A map may grow while it is gone through.
  for (const manifest of manifests.values()) {
    if (!isIndex(manifest) && !isManifest(manifest)) throw new UserError(`${manifest.mediaType} is no image`);
    drafts.add(checkedDraft(source, manifest));
    const { manifests: children, blobs } = presentParts(source, manifest);
    for (const blob of blobs) drafts.add(checkedDraft(source, blob));
    for (const child of children) if (!manifests.has(child.digest)) manifests.set(child.digest, child);
  }
  // What names others comes after them.
  return [...drafts].reverse();
}

function presentParts(source: ImageSource, manifest: Descriptor): Parts {
  const parts = partsOf(source.read(blobName(manifest.digest))!, manifest);
  const present = parts.manifests.filter(({ digest }) => source.draft(blobName(digest)));
  if (isIndex(manifest) && present.length === 0)
    throw new UserError(`none of the images of ${manifest.digest} is there`);
  if (parts.config && isImageConfig(parts.config.mediaType))
    requireImage(source, manifest, parts.config, parts.blobs.slice(1));
  return { ...parts, manifests: present };
}

function requireImage(source: ImageSource, { digest }: Descriptor, config: Descriptor, layers: Descriptor[]): void {
  checkedDraft(source, config);
  const bytes = source.read(blobName(config.digest))!;
  requireSameLayers(parseConfig(bytes, config.digest), layers, `image ${digest}`);
}

function checkedDraft(source: ImageSource, { digest, size }: Descriptor): BlobDraft {
  const draft = requireDraft(source, blobName(digest));
  if (draft.digest === digest && draft.size === size) return draft;
  throw new UserError(`${blobName(digest)} is damaged: its content is not what its name says`);
}
