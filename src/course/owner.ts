// Root writes for somebody: who called us through sudo, or whoever owns the folder. Files of theirs stay theirs.

import { lchownSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Gives what root has just written to whom the folder it lies in belongs. For anybody else it is right already. */
export function giveToOwner(path: string, env: NodeJS.ProcessEnv = process.env): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  const [sudoUid, sudoGid] = [Number(env.SUDO_UID ?? uid), Number(env.SUDO_GID ?? gid)];
  lchownSync(path, uid === 0 ? sudoUid : uid, uid === 0 ? sudoGid : gid);
}
