// What hangs below a folder, in somebody's mount namespace. Who deletes a folder with a bind mount left in it deletes what
// is behind the mount, so nobody does before the last one is gone.

import { UserError } from "../../01-syscalls/index.ts";
import { procText } from "./processes.ts";
import { plain } from "./seen-mounts.ts";

/** Lines of its mountinfo. */
export function mountLines(pid: number): string[] {
  return (procText(pid, "mountinfo") ?? "").split("\n").filter(Boolean);
}

/** A field of such a line, or the whole of it, as people write names. */
export function decoded(field: string): string {
  return Buffer.from(plain(field), "latin1").toString();
}

export function targetIn(line: string): string {
  return decoded(line.split(" ")[4] ?? "");
}

export function mountsBelow(pid: number, folder: string): string[] {
  return mountLines(pid)
    .map(targetIn)
    .filter((target) => target.startsWith(`${folder}/`));
}

/** Throws UserError as long as something hangs there. */
export function requireNoMounts(pid: number, folder: string): void {
  const [first] = mountsBelow(pid, folder);
  if (first === undefined) return;
  const hint = `umount ${first}, and then remove the folder`;
  throw new UserError(`${folder} stays: something is still mounted on ${first}`, { hint });
}
