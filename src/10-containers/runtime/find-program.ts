// Whether a container has the program it is to run, as seen from outside: between "create" and "start" is the last moment at
// which whoever made it is there to be told.

import { closeSync, fstatSync } from "node:fs";
import { O, SyscallError, UserError } from "../../01-syscalls/index.ts";
import { openInRoot, openRoot } from "../../02-rootfs/index.ts";

type Found = "runnable" | "refused" | "missing" | "unknown";

/** Throws UserError, with Docker's exit code, where none of the places in the container of `pid` has one. */
export function requireProgram(pid: number, command: string, places: string[]): void {
  const root = openRoot(`/proc/${pid}/root`);
  try {
    const found = places.map((place) => look(root, place));
    if (found.includes("runnable") || found.includes("unknown")) return;
    if (found.includes("refused")) throw new UserError(`exec: "${command}": permission denied`, { exitCode: 126 });
    const searched = command.includes("/") ? "no such file or directory" : "executable file not found in $PATH";
    throw new UserError(`exec: "${command}": ${searched}`, { exitCode: 127 });
  } finally {
    closeSync(root);
  }
}

/** A path that begins where the program will stand, or leads through /proc, only the kernel can follow later. */
function look(root: number, place: string): Found {
  if (!place.startsWith("/")) return "unknown";
  try {
    const fd = openInRoot(root, place, O.PATH);
    const stat = fstatSync(fd);
    closeSync(fd);
    return stat.isFile() && (stat.mode & 0o111) !== 0 ? "runnable" : "refused";
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return error.code === "ENOENT" || error.code === "ENOTDIR" ? "missing" : "unknown";
  }
}
