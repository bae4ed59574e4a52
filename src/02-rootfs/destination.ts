// Where below the rootfs something goes. An image is somebody else's work: it may hold `/etc -> /../../home`, and a
// path put together in TypeScript would follow that link into the host. So no path is ever resolved out here. openat2
// resolves it beneath a descriptor of the rootfs, as if that were `/`: `..` stops there, links stay inside, and the
// links of /proc that jump anywhere are refused. What it finds is a descriptor, and later calls use only that.
//
// What is missing is made one name at a time: mkdirat with a single name beneath a descriptor has no path to follow.

import { basename, dirname, normalize } from "node:path";
import {
  type Errno,
  mkdirStep,
  mknodStep,
  moveMountStep,
  O,
  openInRootStep,
  type Ref,
  reg,
  S,
  type Step,
  step,
  UserError,
} from "../01-syscalls/index.ts";
import { ROOTFS } from "./pivot.ts";

/** The register that the steps here leave the place in. */
export const TARGET = reg("target");

/**
 * Finds the directory `path` beneath the rootfs, making what is missing of it (0755): register `target`.
 * `after` is a path found just before, whose directories therefore exist.
 */
export function directorySteps(path: string, after = "/"): Step[] {
  const all = prefixes(path);
  const before = prefixes(after);
  const missing = all.filter((prefix) => !before.includes(prefix));
  const known = all[all.length - missing.length - 1];
  if (missing.length === 0) return [openDirectoryStep(known ?? "/")];
  return [
    ...(known === undefined ? [] : [openDirectoryStep(known)]),
    ...missing.flatMap((prefix, index) => [
      makeDirectoryStep(basename(prefix), known === undefined && index === 0 ? ROOTFS : TARGET),
      openDirectoryStep(prefix),
    ]),
  ];
}

/**
 * Finds the file `path` beneath the rootfs, making an empty one where there is none: register `target`. A link there
 * is followed if it leads to something; one that leads nowhere is itself the place.
 */
export function fileSteps(path: string, after = "/"): Step[] {
  const flags = O.PATH | O.NOFOLLOW;
  const name = basename(path);
  return [
    ...directorySteps(dirname(`/${path}`), after),
    mknodStep({ dir: TARGET, path: name, mode: S.IFREG | 0o644, why: "a file needs a file", allow: ["EEXIST"] }),
    // With openat and a name like "..", this would be the way out.
    openInRootStep({ root: TARGET, path: name, flags, why: "what has this name", as: "target" }),
    ...followSteps(path),
  ];
}

function followSteps(path: string): Step[] {
  const allow: Errno[] = ["ENOENT", "ELOOP"];
  const why = "where a link leads, inside this root";
  return [
    openInRootStep({ root: ROOTFS, path: prefixes(path).at(-1)!, flags: O.PATH, why, allow, as: "led" }),
    step("dup3", [reg("led"), TARGET, O.CLOEXEC], { why: "if it leads somewhere, that is the place" }),
  ];
}

/** Hangs `mount` on the place found. Both are directories, or both are not. */
export function hangSteps(mount = reg("mount")): Step[] {
  return [moveMountStep({ from: mount, target: TARGET, why: "hang it there; no path is looked up" })];
}

/** Refuses the one path that is no place below the root. */
export function checkDestination(path: string): void {
  if (path === "" || normalize(`/${path}`) === "/") throw new UserError(`cannot mount on "${path}": it is the root`);
}

function openDirectoryStep(path: string): Step {
  const why = "resolved by the kernel as if the rootfs were /";
  return openInRootStep({ root: ROOTFS, path, flags: O.PATH | O.DIRECTORY, why, as: "target" });
}

function makeDirectoryStep(name: string, dir: Ref): Step {
  return mkdirStep({ dir, path: name, mode: 0o755, why: "a mount needs a place", allow: ["EEXIST"] });
}

/** `"/a/b/"` → `["/a", "/a/b"]`. Names stay as they are: `..` is the kernel's business. */
function prefixes(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}
