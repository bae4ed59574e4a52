// The store is an OCI image layout on disk, so that skopeo, umoci and crane can read it where it is:
//
//   ROOT/images/oci-layout             says that this is one
//   ROOT/images/index.json             names → manifests
//   ROOT/images/blobs/sha256/<hex>     manifests, configs and layers, each named by its digest
//   ROOT/layers/<chain id>/diff        a layer unpacked
//   ROOT/tmp, ROOT/locks               work in progress
//
// See the OCI image specification, image-layout.md.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Digest, parseDigest } from "./digest.ts";
import { writeFileDurably } from "./durable.ts";
import { naming } from "./failure.ts";
import { keepStore, lockIndex } from "./lock.ts";
import { type Descriptor, type Index, MEDIA, parseIndex } from "./manifest.ts";

/** The annotation under which a layout keeps an image's name. */
export const REF_NAME = "org.opencontainers.image.ref.name";

/** The annotation under which containerd, and with it Docker, keeps an image's full name. */
export const CONTAINERD_NAME = "io.containerd.image.name";

/** Where a layout has a blob. Throws UserError if `digest` is none. */
export function blobName(digest: Digest): string {
  const { algorithm, hex } = parseDigest(digest);
  return `blobs/${algorithm}/${hex}`;
}

/** The annotation under which an entry without a name keeps the repository it belongs to: `localhost/app`. */
export const REPOSITORY = "mini-docker.repository";

export function imagesFolder(root: string): string {
  return join(root, "images");
}

/** A folder for drafts, on the store's filesystem so that they can be renamed into place. */
export function draftsFolder(root: string): string {
  const folder = join(root, "tmp");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The image's name in the store, or undefined for one that lost it to a newer image. */
export function nameOfEntry({ annotations }: Descriptor): string | undefined {
  return annotations?.[REF_NAME];
}

/** The repository that a nameless entry was pushed to; such an entry is a manifest of that repository, without a tag. */
export function repositoryOfEntry({ annotations }: Descriptor): string | undefined {
  return annotations?.[REPOSITORY];
}

/** All images of the store; none if there is no store yet. Throws UserError if `index.json` is damaged. */
export function readIndex(root: string): Descriptor[] {
  return readIndexFile(root).manifests;
}

/** Replaces the list of images by what `change` makes of it. No other process's change is lost. */
export function changeIndex(root: string, change: (entries: Descriptor[]) => Descriptor[]): void {
  const lock = lockIndex(root);
  // Its draft is one that a clean-up would take away.
  const store = keepStore(root);
  try {
    writeIndex(root, change);
  } finally {
    store.close();
    lock.close();
  }
}

/** The same for who has both locks already (lock.ts). What `change` throws changes nothing. */
export function writeIndex(root: string, change: (entries: Descriptor[]) => Descriptor[]): void {
  writing(() => createLayout(root));
  const index = readIndexFile(root);
  const text = `${JSON.stringify({ ...index, manifests: change(index.manifests) }, null, 2)}\n`;
  writing(() => writeFileDurably(indexPath(root), text, draftsFolder(root)));
}

function writing(work: () => void): void {
  naming(() => "cannot write the list of images", work);
}

/**
 * Gives `entry` the name `name`. Who had the name before keeps its place in the list without it, as in Docker; an entry
 * that had no name is superseded by one that has.
 */
export function nameEntry(entries: Descriptor[], entry: Descriptor, name: string | undefined): Descriptor[] {
  const annotations = bareAnnotations(entry);
  const named = { ...entry, annotations: { ...annotations, ...(name !== undefined && { [REF_NAME]: name }) } };
  const others = entries.map((other) =>
    name !== undefined && nameOfEntry(other) === name ? withoutName(other) : other,
  );
  return withoutShadows([...others, named]);
}

export function withoutName(entry: Descriptor): Descriptor {
  return { ...entry, annotations: bareAnnotations(entry) };
}

/** An entry without a name that is a manifest of `repository` all the same. */
export function inRepository(entry: Descriptor, repository: string): Descriptor {
  return { ...entry, annotations: { ...bareAnnotations(entry), [REPOSITORY]: repository } };
}

function bareAnnotations(entry: Descriptor): Record<string, string> {
  const { [REF_NAME]: _name, [REPOSITORY]: _repository, ...annotations } = entry.annotations ?? {};
  return annotations;
}

/** Nameless entries are needed only for images that have no other; one is enough, unless it says where it belongs. */
function withoutShadows(entries: Descriptor[]): Descriptor[] {
  return entries.filter((entry, index) => {
    if (nameOfEntry(entry) !== undefined || repositoryOfEntry(entry) !== undefined) return true;
    const same = entries.filter(({ digest }) => digest === entry.digest);
    return same.every((other) => nameOfEntry(other) === undefined) && entries.indexOf(same[0]!) === index;
  });
}

function indexPath(root: string): string {
  return join(imagesFolder(root), "index.json");
}

function readIndexFile(root: string): Index {
  const path = indexPath(root);
  try {
    return parseIndex(readFileSync(path), `the image store's ${path}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [] };
  }
}

function createLayout(root: string): void {
  mkdirSync(join(imagesFolder(root), "blobs", "sha256"), { recursive: true, mode: 0o700 });
  const path = join(imagesFolder(root), "oci-layout");
  try {
    readFileSync(path);
  } catch {
    writeFileDurably(path, '{"imageLayoutVersion":"1.0.0"}', draftsFolder(root));
  }
}
