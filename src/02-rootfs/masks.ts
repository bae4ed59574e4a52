// Parts of /proc and /sys speak of the whole machine, and some obey root in a container. Two ways to take them away: a
// masked path has something empty mounted over it, a read-only one a view of itself that can't be written.
//
// A masked file shows /dev/null. Were that the container's own, a container that swapped it for a link at the right
// moment would have that link's target mounted instead, writable (CVE-2025-31133). So it is the host's, taken before
// pivot_root while `/` is still the host's, and read-only: otherwise chmod on the masked path would be chmod on the
// host's /dev/null.

import { statSync } from "node:fs";
import {
  AT,
  type Errno,
  MOUNT_ATTR,
  mountSetattrStep,
  moveMountStep,
  O,
  openInRootStep,
  openTreeStep,
  reg,
  type Step,
} from "../01-syscalls/index.ts";
import { hangSteps, TARGET } from "./destination.ts";
import { newFilesystemSteps } from "./filesystem.ts";
import { ROOTFS } from "./pivot.ts";

type Kind = "file" | "directory";

const MOUNT = reg("mount");
const { RDONLY, NOSUID, NODEV, NOEXEC } = MOUNT_ATTR;

/**
 * Hides `paths` of the container (`linux.maskedPaths` of an OCI bundle); those it doesn't have are left out. `kindOf`
 * may know beforehand whether one is a file or a directory; a wrong answer stops the start, it never unmasks.
 */
export function maskedPathSteps(paths: readonly string[], kindOf = kernelKind): Step[] {
  return paths.flatMap((path) => {
    const kind = kindOf(path);
    if (kind === "file") return maskedFileSteps(path);
    if (kind === "directory") return maskedDirectorySteps(path);
    // Nobody knows, so both are tried: a file can't be hung on a directory, and a directory isn't found in a file.
    return [...maskedFileSteps(path, ["EINVAL"]), ...maskedDirectorySteps(path, ["ENOTDIR"])];
  });
}

/** Makes `paths` of the container unwritable, with all that is mounted below (`linux.readonlyPaths`). */
export function readonlyPathSteps(paths: readonly string[]): Step[] {
  return paths.flatMap((path) => [
    findStep(path, O.PATH, ["ENOTDIR"]),
    openTreeStep({ dir: TARGET, path: "", flags: AT.RECURSIVE, why: "a second view of the same", as: "mount" }),
    mountSetattrStep({ mount: MOUNT, set: RDONLY, recursive: true, why: "that can't be written" }),
    ...hangSteps(),
  ]);
}

/** `ifDirectory`: the errors of a directory that are fine. */
function maskedFileSteps(path: string, ifDirectory: Errno[] = []): Step[] {
  return [
    findStep(path, O.PATH, ["ENOTDIR"]),
    openTreeStep({ path: "/dev/null", why: "a view of the host's /dev/null", as: "mount" }),
    mountSetattrStep({ mount: MOUNT, set: RDONLY | NOSUID | NOEXEC, why: "whose mode and owner can't be changed" }),
    moveMountStep({ from: MOUNT, target: TARGET, why: "hides the file", allow: ifDirectory }),
  ];
}

/** `ifFile`: the errors of a file that are fine. */
function maskedDirectorySteps(path: string, ifFile: Errno[] = []): Step[] {
  return [
    findStep(path, O.PATH | O.DIRECTORY, ifFile),
    ...newFilesystemSteps({ type: "tmpfs", settings: [], attributes: RDONLY | NOSUID | NODEV | NOEXEC }),
    moveMountStep({ from: MOUNT, target: TARGET, why: "hides the directory" }),
  ];
}

/** Register `target`, which stays empty where the container has no such path. */
function findStep(path: string, flags: number, alsoFine: Errno[]): Step {
  const allow: Errno[] = ["ENOENT", ...alsoFine];
  return openInRootStep({ root: ROOTFS, path, flags, why: "is there such a path?", allow, as: "target" });
}

/** /proc and /sys are made of the same names everywhere on a machine. One that isn't here would most likely be a file. */
function kernelKind(path: string): Kind | undefined {
  if (!/^\/(proc|sys)\//.test(path)) return undefined;
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? "directory" : "file";
}
