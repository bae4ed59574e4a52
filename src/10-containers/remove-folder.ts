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
