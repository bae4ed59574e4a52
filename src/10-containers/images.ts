// Images as the engine has them: stage 06 keeps them, containers use them, and what happens to them is an event.

import {
  familiarName,
  type ImportOptions,
  type IsUsed,
  importArchive,
  type LoadedImage,
  type LoadInput,
  type LoadOptions,
  loadArchive,
  type Removed,
  removeImage,
  type SaveOptions,
  saveImages,
  storedImage,
  tagImage,
} from "../06-images/index.ts";
import { containerIds, readContainer } from "./container.ts";
import { recordEvent } from "./events.ts";
import type { Roots } from "./folders.ts";
import { shortId } from "./names.ts";

/** Loads all images of an archive or an OCI layout. Throws UserError. */
export async function loadImages(roots: Roots, input: LoadInput, options: LoadOptions = {}): Promise<LoadedImage[]> {
  const loaded = await loadArchive(roots.root, input, options);
  for (const { id, digest, name } of loaded) imageEvent(roots, "load", id ?? digest, name ?? id ?? digest);
  return loaded;
}

/** Makes an image of an archive of files; returns its id. Throws UserError. */
export async function importImage(roots: Roots, input: LoadInput, options: ImportOptions = {}): Promise<string> {
  const id = await importArchive(roots.root, input, options);
  imageEvent(roots, "import", id, options.name ?? id);
  return id;
}

/** Gives `write` an archive of the images that are named. Throws UserError. */
export async function saveImagesTo(
  roots: Roots,
  names: string[],
  write: (bytes: Buffer) => void,
  options: SaveOptions = {},
): Promise<void> {
  await saveImages(roots.root, names, write, options);
  for (const name of names) imageEvent(roots, "save", idOf(roots, name), name);
}

/** A further name for an image. Throws UserError. */
export async function tagImageAs(roots: Roots, source: string, target: string): Promise<void> {
  const name = await tagImage(roots.root, source, target);
  imageEvent(roots, "tag", idOf(roots, name), name);
}

/** Takes away a name, and the image with its last one. Throws UserError for one that is unknown or that a container uses. */
export function removeImageNamed(roots: Roots, name: string, force: boolean): Removed {
  const removed = removeImage(roots.root, name, (id) => userOf(roots)(id), { force });
  const [id = name] = removed.deleted;
  for (const tag of removed.untagged) imageEvent(roots, "untag", id, tag);
  if (removed.deleted.length > 0) imageEvent(roots, "delete", id, id);
  return removed;
}

/** Which container an image is used by, by its short id. One that can't be read can't be asked. */
export function userOf(roots: Roots): IsUsed {
  const users = new Map(containerIds(roots).flatMap((id) => userEntry(roots, id)));
  return (imageId) => users.get(imageId);
}

function userEntry(roots: Roots, id: string): [image: string, container: string][] {
  try {
    const container = readContainer(roots, id);
    return container ? [[container.record.image.id, shortId(id)]] : [];
  } catch {
    return [];
  }
}

/** One for other machines has no id here. */
function idOf(roots: Roots, name: string): string {
  try {
    return storedImage(roots.root, name)?.id ?? name;
  } catch {
    return name;
  }
}

/** `name` in full: it is shown as people write it. */
export function imageEvent(roots: Roots, action: string, id: string, name: string): void {
  recordEvent(roots, { type: "image", action, id, attributes: { name: familiarName(name) } });
}
