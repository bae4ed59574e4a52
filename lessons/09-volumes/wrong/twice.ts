// goal nothing-else: looked-up-twice

import { AT, O, openInRootStep, openStep, openTreeStep, reg, type Step } from "mini-docker/01-syscalls";
import type { FolderView } from "mini-docker/09-volumes";

export function volumeViewSteps({ folder, subpath = ".", as }: FolderView): Step[] {
  return [
    openStep({ path: folder, flags: O.PATH | O.DIRECTORY, why: "where paths in the volume begin", as: "volume" }),
    openInRootStep({
      root: reg("volume"),
      path: subpath,
      flags: O.PATH,
      why: "no link in it leads out of it",
      as: "part",
    }),
    openTreeStep({ path: `${folder}/${subpath}`, flags: AT.RECURSIVE, why: "a view of the volume's files", as }),
  ];
}
