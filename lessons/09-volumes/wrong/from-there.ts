// goal nothing-else: only-a-beginning

import { AT, O, openStep, openTreeStep, reg, type Step } from "mini-docker/01-syscalls";
import type { FolderView } from "mini-docker/09-volumes";

export function volumeViewSteps({ folder, subpath = ".", as }: FolderView): Step[] {
  return [
    openStep({ path: folder, flags: O.PATH | O.DIRECTORY, why: "where paths in the volume begin", as: "volume" }),
    openTreeStep({ dir: reg("volume"), path: subpath, flags: AT.RECURSIVE, why: "a view of the volume's files", as }),
  ];
}
