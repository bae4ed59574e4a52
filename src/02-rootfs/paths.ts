// How this process reaches a file of a container: `cp`, `diff` and all else that names a path inside. The container is
// hostile and may be renaming things meanwhile, so its paths are resolved in the kernel beneath a descriptor of its root
// and come back as a descriptor. Of a running container that root is /proc/PID/root: through it the container's own
// mounts are seen, without joining any namespace.

import { closeSync } from "node:fs";
import { O, openInRootStep, openStep, performOne } from "../01-syscalls/index.ts";

/**
 * Opens `path` beneath `root` (a descriptor, or a path of the host such as `/proc/123/root`) and returns a descriptor
 * for the caller to close. `flags` are O.*; without O.NOFOLLOW a link as last name is followed, inside the root.
 * Throws SyscallError: ELOOP for a link that jumps, as those in /proc do.
 */
export function openInRoot(root: number | string, path: string, flags: number): number {
  if (typeof root === "number") return performOne(openInRootStep({ root, path, flags, why: "a path in a container" }));
  const fd = openRoot(root);
  try {
    return openInRoot(fd, path, flags);
  } finally {
    closeSync(fd);
  }
}

/** A descriptor of a root, good for any number of `openInRoot`. Throws SyscallError. */
export function openRoot(path: string): number {
  return performOne(openStep({ path, flags: O.PATH | O.DIRECTORY, why: "where the paths begin" }));
}
