// Taking a volume away: the one thing that ends what is in it. Its folder is renamed first, so that nobody ever finds it
// half gone, and who is killed in between leaves only what the next one sweeps away.

import { renameSync } from "node:fs";
import { join } from "node:path";
import { randomBytes, UserError } from "../01-syscalls/index.ts";
import { toBytePath } from "../05-overlay/index.ts";
import { removeTree } from "../06-images/index.ts";
import { aloneWithVolumes } from "./lock.ts";
import { entriesOf, findVolume, isMissing, volumeFolder, volumesFolder } from "./volume.ts";

/** The containers that have a volume of this name, by their ids; asked while nobody can begin to use one. */
export type UsersOf = (name: string) => string[];

/** Throws UserError, in Docker's words, for one that is not there or that a container has. */
export function removeVolume(root: string, name: string, usersOf: () => UsersOf): Promise<void> {
  return aloneWithVolumes(root, () => {
    sweep(root);
    findVolume(root, name);
    const users = usersOf()(name);
    if (users.length > 0) throw new UserError(`remove ${name}: volume is in use - [${users.join(", ")}]`);
    takeAway(root, name);
  });
}

/** Takes away those of `volumes` that are there, and that no container has; returns which those were. */
export function removeUnused(root: string, volumes: readonly string[], usersOf: () => UsersOf): Promise<string[]> {
  return aloneWithVolumes(root, () => {
    sweep(root);
    const users = usersOf();
    const gone = volumes.filter((name) => users(name).length === 0 && takeAway(root, name));
    return gone;
  });
}

/** Takes away one that nobody else can have heard of: it was made for who never came to be. */
export function discardVolume(root: string, name: string): void {
  takeAway(root, name);
}

/** False where there is none. */
function takeAway(root: string, name: string): boolean {
  const going = join(volumesFolder(root), `.${randomBytes(8).toString("hex")}.removing`);
  try {
    renameSync(volumeFolder(root, name).folder, going);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  removeTree(toBytePath(going));
  return true;
}

function sweep(root: string): void {
  const leftovers = entriesOf(volumesFolder(root)).filter((name) => /^\.[0-9a-f]{16}\.(making|removing)$/.test(name));
  for (const name of leftovers) removeTree(toBytePath(join(volumesFolder(root), name)));
}
