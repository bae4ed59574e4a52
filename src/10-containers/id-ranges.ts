// Users of a container that are nobody else's on the host: a range of ids that no
// other container of this engine has. systemd keeps
// 524288 to 1879048191 for containers ("Users, Groups, UIDs and GIDs on systemd systems"); ours are from the middle of
// that, where no user's own ranges (subuid(5)) are either. A range is taken as names are: by a link to the container.

import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { removeFile } from "./files.ts";
import { containersFolder, type Roots, rangesFolder } from "./folders.ts";
import { RANGE_SIZE } from "./spec/namespaces.ts";
import { beingMade } from "./sweep.ts";

const FIRST = 0x1000_0000;
const RANGES = 4096;

/** Takes a free range for the container `id`, which is being made; its first id. The caller holds the creation lock. */
export function claimRange(roots: Roots, id: string): number {
  mkdirSync(rangesFolder(roots), { recursive: true, mode: 0o700 });
  const taken = new Set(readdirSync(rangesFolder(roots)).filter((name) => isTaken(roots, name)));
  const begin = beginOf(roots);
  for (let index = 0; index < RANGES; index++) {
    const first = FIRST + ((begin + index) % RANGES) * RANGE_SIZE;
    if (taken.has(String(first))) continue;
    symlinkSync(id, linkOf(roots, first));
    return first;
  }
  throw new UserError(`all ${RANGES} ranges of users for containers are taken`);
}

/** Engines with other folders know nothing of each other; they begin elsewhere, so that they seldom meet. */
function beginOf({ root }: Roots): number {
  const { dev, ino } = statSync(root);
  return (ino * 31 + dev) % RANGES;
}

/** One whose container is no more is free again, and this is where that is noticed: under the lock. */
function isTaken(roots: Roots, name: string): boolean {
  const holder = readlinkSync(join(rangesFolder(roots), name));
  if (existsSync(join(containersFolder(roots), holder)) || existsSync(beingMade(roots, holder))) return true;
  removeFile(join(rangesFolder(roots), name));
  return false;
}

const linkOf = (roots: Roots, first: number): string => join(rangesFolder(roots), String(first));
