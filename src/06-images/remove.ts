// Taking an image away: first its name, and the image itself once it has no other name and no container is made of it.

import { UserError } from "../01-syscalls/index.ts";
import { collectGarbage } from "./collect.ts";
import { shortId } from "./digest.ts";
import { findEntry, findNamed, noSuchImage } from "./find.ts";
import { readImage } from "./image.ts";
import { changeIndex, nameOfEntry, readIndex, withoutName } from "./layout.ts";
import type { Descriptor } from "./manifest.ts";
import { familiarName } from "./reference.ts";

export interface RemoveOptions {
  /** Take names away even if containers use the image, and all names if it was given by its id. */
  force?: boolean;
}

/**
 * The container that an image, given by its id, is used by: its short id, or undefined. It is asked while the list of
 * images is locked.
 */
export type IsUsed = (imageId: string) => string | undefined;

/** What `rmi` prints: names taken away, then the images and blobs that are gone. */
export interface Removed {
  untagged: string[];
  deleted: string[];
}

/** Removes the image that `text` names. Throws UserError, in Docker's words, if it is unknown or in use. */
export function removeImage(
  root: string,
  text: string,
  isUsed: IsUsed,
  { force = false }: RemoveOptions = {},
): Removed {
  let target!: Target;
  // Whoever begins to use it, or gives it another name, does so before or after.
  changeIndex(root, (entries) => {
    target = findTarget(root, text);
    const { entry, id, leaving, staying } = target;
    const container = id && staying.length === 0 ? isUsed(id) : undefined;
    if (!force) refuse(text, target, container);
    const others = entries.filter((one) => one.digest !== entry.digest || !isLeaving(one, leaving));
    // A container needs its image's layers, if not its name.
    return container === undefined ? others : [...others, withoutName(entry)];
  });
  const { entry, id, leaving } = target;
  const isGone = !readIndex(root).some(({ digest }) => digest === entry.digest);
  const deleted = isGone ? [...(id ? [id] : []), ...collectGarbage(root)] : [];
  return { untagged: leaving.map(familiarName), deleted: [...new Set(deleted)] };
}

function isLeaving(entry: Descriptor, leaving: string[]): boolean {
  const name = nameOfEntry(entry);
  return name === undefined || leaving.includes(name);
}

interface Target {
  entry: Descriptor;
  /** Of the image, unless it is damaged. */
  id: string | undefined;
  /** The image's names: those to be taken away, and those it keeps. */
  leaving: string[];
  staying: string[];
  isNamed: boolean;
}

function findTarget(root: string, text: string): Target {
  const named = findNamed(readIndex(root), text);
  const entry = named ?? findEntry(root, text);
  if (!entry) throw noSuchImage(text);
  const same = readIndex(root).filter(({ digest }) => digest === entry.digest);
  const names = same.flatMap((one) => nameOfEntry(one) ?? []);
  const name = named && nameOfEntry(named);
  const leaving = name === undefined ? names : [name];
  const staying = names.filter((one) => !leaving.includes(one));
  return { entry, id: idOf(root, entry), leaving, staying, isNamed: name !== undefined };
}

function refuse(text: string, { id = "", leaving, isNamed }: Target, container: string | undefined): void {
  const what = isNamed
    ? `remove repository reference "${text}" (must force)`
    : `delete ${id && shortId(id)} (must be forced)`;
  if (!isNamed && leaving.length > 1) {
    throw new UserError(`conflict: unable to ${what} - image is referenced in multiple repositories`);
  }
  if (container === undefined) return;
  throw new UserError(
    `conflict: unable to ${what} - container ${container} is using its referenced image ${shortId(id)}`,
  );
}

/** A damaged image must be removable too. */
function idOf(root: string, entry: Descriptor): string | undefined {
  try {
    return readImage(root, entry).id;
  } catch {
    return undefined;
  }
}
