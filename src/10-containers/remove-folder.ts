// A container may leave a tree that is deeper than any path, with names that aren't text: removing it takes more than reading
// records does (files.ts), and most commands remove nothing.

import { toBytePath } from "../05-overlay/index.ts";
import { removeTree } from "../06-images/index.ts";
import { isMissing } from "./files.ts";

/** Removes the folder, with all that a container may have put in it. Removing what is gone is success. */
export function removeFolder(path: string): void {
  try {
    removeTree(toBytePath(path));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
