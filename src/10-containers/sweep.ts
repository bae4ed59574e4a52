// Folders of containers that were being made or taken away when their maker was killed. Whoever makes or removes one
// holds the lock in it, so a folder nobody holds is a leftover.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isMissing, Lock } from "./files.ts";
import { containersFolder, type Roots } from "./folders.ts";

export const beingMade = (roots: Roots, id: string): string => join(containersFolder(roots), `.${id}.making`);
export const beingRemoved = (roots: Roots, id: string): string => join(containersFolder(roots), `.${id}.removing`);

/** Takes leftovers away. One that somebody is at work on stays. */
export function sweepLeftovers(roots: Roots): void {
  for (const name of hiddenFolders(roots)) {
    const folder = join(containersFolder(roots), name);
    const lock = tryLock(folder);
    if (!lock) continue;
    rmSync(folder, { recursive: true, force: true });
    lock.close();
  }
}

function hiddenFolders(roots: Roots): string[] {
  try {
    return readdirSync(containersFolder(roots)).filter((name) => /^\.[0-9a-f]{64}\.(making|removing)$/.test(name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Undefined while somebody holds it, and when it is gone by now. */
function tryLock(folder: string): Lock | undefined {
  try {
    return Lock.tryTake(join(folder, "lock"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
