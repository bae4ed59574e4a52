// goal readings: not-there

import { AT, openTreeStep, type Step } from "mini-docker/01-syscalls";
import type { FolderView } from "mini-docker/09-volumes";

export function volumeViewSteps({ folder, as }: FolderView): Step[] {
  return [openTreeStep({ path: folder, flags: AT.RECURSIVE, why: "a view of the volume's files", as })];
}
