// Folders of containers that were being made or taken away when their maker was killed. Whoever makes or removes one
// holds the lock in it, so a folder nobody holds is a leftover.

import { existsSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { O } from "../01-syscalls/index.ts";
import { isMissing, Lock, removeFolder } from "./files.ts";
import { containersFolder, type Roots } from "./folders.ts";

export const beingMade = (roots: Roots, id: string): string => join(containersFolder(roots), `.${id}.making`);
export const beingRemoved = (roots: Roots, id: string): string => join(containersFolder(roots), `.${id}.removing`);

/** Takes leftovers away. One that somebody is at work on stays; one that can't be taken away waits for the next time. */
export function sweepLeftovers(roots: Roots): void {
  for (const name of hiddenFolders(roots)) {
    try {
      sweep(join(containersFolder(roots), name));
    } catch {}
  }
}

function sweep(folder: string): void {
  const path = join(folder, "lock");
  // Without one it is empty: just made, or all but gone.
  const lock = existsSync(path) ? Lock.tryTake(path, O.RDWR) : rmdirSync(folder);
  if (!lock) return;
  try {
    takeAway(folder);
  } finally {
    lock.close();
  }
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
