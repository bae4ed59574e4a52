// The directory a program starts in is named by the image, and /proc has links that jump: a working directory of
// /proc/self/fd/7 is whatever descriptor 7 happens to be, and were that a directory of the host, `..` from there leads
// to all of it (CVE-2024-21626). So this path, too, is resolved without links that jump.

import { fchdirStep, O, openStep, type Step } from "../01-syscalls/index.ts";
import { directorySteps, TARGET } from "./destination.ts";

/** Makes `path` where the image lacks it, for a root that is about to become read-only. */
export function makeWorkdirSteps(path: string): Step[] {
  return path === "/" ? [] : directorySteps(path);
}

/** Stands in `path`, made if the image lacks it. After pivot_root or joining, which leave us in `/`. */
export function workdirSteps(path: string): Step[] {
  if (path === "/") return [];
  return [
    openStep({ path: "/", flags: O.PATH | O.DIRECTORY, why: "the container's root, as it is now", as: "rootfs" }),
    ...directorySteps(path),
    fchdirStep({ fd: TARGET, why: "where the command starts" }),
  ];
}
