// A volume in memory (`--opt type=tmpfs`) is mounted nowhere but in containers. The first that is started has it made; each
// one after that gets its view from one that runs, and with the last of them the memory is free again. Between looking for
// such a container and running, one must not be two: so they take turns.

import { UserError } from "../../01-syscalls/index.ts";
import { isPrivileged } from "../../03-namespaces/index.ts";
import type { Lock } from "../../06-images/index.ts";
import { readVolume, sourceOf, takeTurn, type VolumeSource, volumeFolder } from "../../09-volumes/index.ts";
import { type Container, containerIds, readContainer } from "../container.ts";
import type { Roots } from "../folders.ts";
import { isAlive } from "../identity.ts";
import type { MountOption } from "../spec/options.ts";

type Starting = Pick<Container, "roots" | "record">;

/** Starts a container while no other that has the same volumes in memory is started. */
export async function whileSharing<T>({ roots, record }: Starting, start: () => Promise<T>): Promise<T> {
  const names = record.options.mounts.flatMap((mount) => (isInMemory(roots, mount) ? [mount.source!] : []));
  const turns: Lock[] = [];
  try {
    // In the same order for everybody, or two could wait for one another.
    for (const name of names.sort()) turns.push(await takeTurn(volumeFolder(roots.root, name).folder, "start"));
    return await start();
  } finally {
    for (const turn of turns) turn.close();
  }
}

/** Where another container has this volume mounted just now. Throws UserError where it can't be lent to this one. */
export function sharedSource({ roots, record }: Starting, mount: MountOption): VolumeSource | undefined {
  if (!isInMemory(roots, mount)) return undefined;
  const others = containerIds(roots).filter((id) => id !== record.id);
  for (const other of others.flatMap((id) => readIfWell(roots, id))) {
    const theirs = other.record.options.mounts.find(({ type, source }) => type === "volume" && source === mount.source);
    const { process } = other.state;
    if (theirs === undefined || !isAlive(process)) continue;
    requireSameUsers(record, other.record, mount);
    return { kind: "shared", pid: process.pid, path: theirs.target, words: [] };
  }
  return undefined;
}

function isInMemory({ root }: Roots, { type, source = "" }: MountOption): boolean {
  const volume = type === "volume" ? readVolume(root, source) : undefined;
  if (volume === undefined) return false;
  const made = sourceOf(root, volume);
  return made.kind === "filesystem" && made.type === "tmpfs";
}

function readIfWell(roots: Roots, id: string): Container[] {
  try {
    return [readContainer(roots, id)].filter((container) => container !== undefined);
  } catch {
    return [];
  }
}

type Who = Pick<Container["record"], "name" | "firstId">;

/** A mount can't leave the user namespace it was made in, and shows owners in one way only. */
function requireSameUsers(ours: Who, theirs: Who, { source }: MountOption): void {
  if (isPrivileged() && ours.firstId === undefined && theirs.firstId === undefined) return;
  throw new UserError(`volume ${source} is in memory, and container "${theirs.name}" has it`, {
    hint: "containers in user namespaces of their own can share only volumes that are on disk",
  });
}
