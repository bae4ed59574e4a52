// mkdir -p that says why not. Node's own reports ENOENT for whatever the kernel refused further up, a read-only disk for
// one, and below /proc it tries for ever.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Makes the folder, and those above it that are missing. One that is there stays as it is. */
export function makeFolder(path: string, mode = 0o700): void {
  if (tryMake(path, mode)) return;
  makeFolder(dirname(path), mode);
  mkdirUnlessThere(path, mode);
}

/** False where the folder it would be in is missing. */
function tryMake(path: string, mode: number): boolean {
  try {
    mkdirUnlessThere(path, mode);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return false;
  }
}

function mkdirUnlessThere(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
