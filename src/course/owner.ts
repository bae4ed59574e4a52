// Root writes for somebody: who called us through sudo, or whoever owns the folder. Files of theirs stay theirs. In their
// folder they may put a link wherever we are about to write, so no name of theirs is ever opened for writing.

import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fchownSync,
  lchownSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

interface Owner {
  uid: number;
  gid: number;
}

/** Gives what root has just made to whom the folder it lies in belongs. For anybody else it is right already. */
export function giveToOwner(path: string, env: NodeJS.ProcessEnv = process.env): void {
  const owner = ownerOf(path, env);
  if (owner) lchownSync(path, owner.uid, owner.gid);
}

/** In one go: a new file takes the place of whatever has the name. */
export function writeAsOwner(path: string, text: string, mode = 0o644, env: NodeJS.ProcessEnv = process.env): void {
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  // "wx" makes a file, and follows no link.
  const fd = openSync(draft, "wx", mode);
  try {
    writeFileSync(fd, text);
    const owner = ownerOf(path, env);
    if (owner) fchownSync(fd, owner.uid, owner.gid);
    // Whatever the umask is.
    fchmodSync(fd, mode);
    renameSync(draft, path);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Undefined: whoever makes it owns it. */
function ownerOf(path: string, env: NodeJS.ProcessEnv): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(dirname(path));
  return uid === 0 ? { uid: Number(env.SUDO_UID ?? uid), gid: Number(env.SUDO_GID ?? gid) } : { uid, gid };
}
