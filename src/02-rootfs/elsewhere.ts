// A view of a folder or file of another container, such as the /dev/shm that goes with its IPC namespace. The kernel makes views
// of one's own mount namespace only, so the other's is entered for that moment. And it is entered before its path is
// looked up: `/dev/shm` may be a link there, to `/` perhaps, and of whose `/` depends on who follows it.

import { closeSync, fstatSync } from "node:fs";
import {
  CLONE,
  closeStep,
  O,
  openInRootStep,
  openStep,
  openTreeStep,
  perform,
  reg,
  type Step,
  SyscallError,
  setnsStep,
} from "../01-syscalls/index.ts";

interface Elsewhere {
  pid: number;
  /** From that process's root on. */
  path: string;
}

/** The bind source `/proc/123/root/dev/shm` → process 123 and `/dev/shm`. */
export function elsewhereOf(source: string): Elsewhere | undefined {
  const [, pid, path = "/"] = /^\/proc\/(\d+)\/root(\/.*)?$/.exec(source) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), path };
}

/** Leaves the view in the register `as`. Whoever carries this out stands in `/` afterwards. */
export function elsewhereSteps({ pid, path }: Elsewhere, flags: number, as: string): Step[] {
  const found = O.PATH | O.DIRECTORY;
  return [
    openStep({ path: `/proc/${pid}/ns/mnt`, flags: O.RDONLY, why: "where it is mounted", as: "theirs" }),
    openStep({ path: "/proc/self/ns/mnt", flags: O.RDONLY, why: "the way back", as: "ours" }),
    setnsStep({ fd: reg("theirs"), flags: CLONE.NEWNS, why: "only there a view of it can be made" }),
    openStep({ path: "/", flags: found, why: "their root", as: "place" }),
    openInRootStep({ root: reg("place"), path, flags: O.PATH, why: "no link leads out of it", as: "place" }),
    openTreeStep({ dir: reg("place"), path: "", flags, why: "another view of what they have there", as }),
    setnsStep({ fd: reg("ours"), flags: CLONE.NEWNS, why: "and back" }),
  ];
}

/** Whether that is a file, as of now. What can't be looked at counts as a folder; why it can't, the steps will say. */
export function isFileElsewhere({ pid, path }: Elsewhere): boolean {
  try {
    const { place } = perform([
      openStep({ path: `/proc/${pid}/root`, flags: O.PATH | O.DIRECTORY, why: "their root", as: "root" }),
      openInRootStep({ root: reg("root"), path, flags: O.PATH, why: "no link leads out of it", as: "place" }),
      closeStep({ fd: reg("root"), why: "it was looked up" }),
    ]);
    return !isDirectory(place!);
  } catch (error) {
    if (error instanceof SyscallError) return false;
    throw error;
  }
}

function isDirectory(fd: number): boolean {
  try {
    return fstatSync(fd).isDirectory();
  } finally {
    closeSync(fd);
  }
}
