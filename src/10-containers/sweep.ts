// Folders of containers that were being made or taken away when their maker was killed. Whoever makes or removes one
// holds the lock in it, so a folder nobody holds is a leftover. So are the volumes that were made for a container that
// never came to be: nobody else has ever heard of their names.

import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { O } from "../01-syscalls/index.ts";
import { discardVolume } from "../09-volumes/index.ts";
import { isMissing, Lock, readText } from "./files.ts";
import { containersFolder, type Roots } from "./folders.ts";
import { removeFolder } from "./remove-folder.ts";

export const beingMade = (roots: Roots, id: string): string => join(containersFolder(roots), `.${id}.making`);
export const beingRemoved = (roots: Roots, id: string): string => join(containersFolder(roots), `.${id}.removing`);

/** Takes leftovers away. One that somebody is at work on stays; one that can't be taken away waits for the next time. */
export function sweepLeftovers(roots: Roots): void {
  for (const name of hiddenFolders(roots)) {
    try {
      sweep(roots, join(containersFolder(roots), name));
    } catch {}
  }
}

function sweep(roots: Roots, folder: string): void {
  const path = join(folder, "lock");
  // Without one it is empty: just made, or all but gone.
  const lock = existsSync(path) ? Lock.tryTake(path, O.RDWR) : rmdirSync(folder);
  if (!lock) return;
  try {
    if (folder.endsWith(".making")) takeDraftAway(roots, folder);
    else takeAway(folder);
  } finally {
    lock.close();
  }
}

/** The file in which a container that is being made has the names of the volumes that are its own. */
export const OWN_VOLUMES = "volumes";

/** The same for a container that is not to be, with what was made for it alone. */
export function takeDraftAway(roots: Roots, draft: string): void {
  for (const name of readText(join(draft, OWN_VOLUMES))?.split("\n") ?? []) discardVolume(roots.root, name);
  takeAway(draft);
}

/** Removes a folder whose lock the caller holds. The lock is the last to go, or others would find it without. */
export function takeAway(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names) if (name !== "lock") removeFolder(join(folder, name));
  removeFolder(folder);
}

function hiddenFolders(roots: Roots): string[] {
  try {
    return readdirSync(containersFolder(roots)).filter((name) => /^\.[0-9a-f]{64}\.(making|removing)$/.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
