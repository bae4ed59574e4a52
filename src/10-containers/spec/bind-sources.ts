// `-v /data:/data` where the host has no /data: Docker makes it, an empty folder of root's, so that a container that keeps
// something there can be started on a new machine. (`--mount` refuses instead; that is what it is for.)

import { mkdirSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import { elsewhereOf } from "../../02-rootfs/index.ts";
import type { MountOption } from "./options.ts";

/**
 * In another container nothing is made: a link there, followed from out here, leads to the host. Throws UserError where one
 * can't be made.
 */
export function makeBindSources(mounts: MountOption[]): void {
  for (const { type, source = "", createSource } of mounts) {
    if (type === "bind" && createSource && !elsewhereOf(source)) makeFolder(source);
  }
}

/** What is there already, file or folder, stays as it is. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return;
    throw new UserError(`error while creating mount source path '${path}'`, { cause });
  }
}
