// goal runs: refused

import { AT, O, openInRootStep, openStep, openTreeStep, RESOLVE, reg, type Step } from "mini-docker/01-syscalls";
import type { FolderView } from "mini-docker/09-volumes";

export function volumeViewSteps({ folder, subpath = ".", as }: FolderView): Step[] {
  const [flags, resolve] = [O.PATH, RESOLVE.BENEATH];
  return [
    openStep({ path: folder, flags: O.PATH | O.DIRECTORY, why: "where paths in the volume begin", as: "volume" }),
    openInRootStep({
      root: reg("volume"),
      path: subpath,
      flags,
      resolve,
      why: "no link in it leads out of it",
      as: "part",
    }),
    openTreeStep({ dir: reg("part"), path: "", flags: AT.RECURSIVE, why: "a view of the volume's files", as }),
  ];
}
