// An ordinary user may map his own id into a user namespace and no other: other ids are other people. Unless root has given him
// some that are nobody's, in /etc/subuid and /etc/subgid (subuid(5)). The kernel knows nothing of these files; two programs with
// root's power do, newuidmap(1) and newgidmap(1), which look into them and write the map for him.

import { accessSync, constants, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { beginProgram } from "../01-syscalls/index.ts";
import type { IdMapping, UserMap } from "./users.ts";

const FILES = { uid: "/etc/subuid", gid: "/etc/subgid" };
const HELPERS = { uid: "newuidmap", gid: "newgidmap" };
const FOLDERS = ["/usr/bin", "/bin", "/usr/local/bin"];

/** This process's user as root, and from 1 on the ids that he was given; undefined where that can't be had. */
export function manyIdsMap(): UserMap | undefined {
  if (Object.values(HELPERS).some((name) => helper(name) === undefined)) return undefined;
  const [uid, gid, name] = [process.getuid!(), process.getgid!(), ownName()];
  const [uids, gids] = [FILES.uid, FILES.gid].map((file) => rangesOf(textOf(file), name, uid));
  if (name === undefined || uids!.length === 0 || gids!.length === 0) return undefined;
  return { uidMappings: mapWith(uid, uids!), gidMappings: mapWith(gid, gids!) };
}

export interface IdRange {
  first: number;
  count: number;
}

/** `name:first:count`, a line each; the name may be a number. */
export function rangesOf(text: string, name: string | undefined, uid: number): IdRange[] {
  return text.split("\n").flatMap((line) => {
    const [owner = "", first = "", count = ""] = line.trim().split(":");
    const isOurs = owner === name || owner === String(uid);
    return isOurs && /^\d+$/.test(first) && /^[1-9]\d*$/.test(count) ? [{ first: +first, count: +count }] : [];
  });
}

/** The helpers do nothing for somebody whom /etc/passwd doesn't know. */
function ownName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** One after the other, without a gap inside. */
function mapWith(own: number, ranges: IdRange[]): IdMapping[] {
  const map: IdMapping[] = [{ containerID: 0, hostID: own, size: 1 }];
  for (const { first, count } of ranges) {
    const { containerID, size } = map.at(-1)!;
    map.push({ containerID: containerID + size, hostID: first, size: count });
  }
  return map;
}

/**
 * Has them written for the process `pid`, which is ours and in a new user namespace. The returned function waits for that,
 * has to be called, and returns what is in the way.
 */
export function beginMapsFor(pid: number, { uidMappings, gidMappings }: UserMap): () => string | undefined {
  // Each of the two writes a file of its own, at the same time as the other.
  const begun = [beginHelper(HELPERS.uid, pid, uidMappings), beginHelper(HELPERS.gid, pid, gidMappings)];
  return () => begun.map((end) => end()).find((refusal) => refusal !== undefined);
}

function beginHelper(name: string, pid: number, map: readonly IdMapping[]): () => string | undefined {
  const words = map.flatMap(({ containerID, hostID, size }) => [containerID, hostID, size]);
  const end = beginProgram(helper(name)!, [pid, ...words].map(String));
  return () => {
    const { exitCode, said } = end();
    return exitCode === 0 ? undefined : said || `${name} ended with ${exitCode}`;
  };
}

function helper(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
