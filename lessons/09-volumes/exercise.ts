// Your turn: a view of one folder in a volume. Mei says which one; what has that name by now, others have decided.
//
// `folder` is where the volume's files are, a path of the host's that nobody else can change. `subpath` begins in there. Every
// name on the way may be a link: some are the volume's own business, and others lead out of it. Leave the view in the register
// `as`; it is hung where it belongs by what comes after you.
//
//   openStep({ path, flags, why, as })                  open(2): O.PATH is enough for who only wants to know a place
//   openInRootStep({ root, path, flags, why, as })      openat2(2), from the descriptor `root` on
//   openTreeStep({ path, flags, why, as })              open_tree(2): a view of what is at this path
//   openTreeStep({ dir, path: "", flags, why, as })     a view of the very thing that the descriptor `dir` is of

import { AT, openTreeStep, type Step } from "mini-docker/01-syscalls";
import type { FolderView } from "mini-docker/09-volumes";

export function volumeViewSteps({ folder, subpath = ".", as }: FolderView): Step[] {
  // TODO: who can write to the volume decides where this path leads.
  const path = `${folder}/${subpath}`;
  return [openTreeStep({ path, flags: AT.RECURSIVE, why: "a view of the volume's files", as })];
}
