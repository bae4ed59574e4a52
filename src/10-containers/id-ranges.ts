// Users of a container that are nobody else's on the host: a range of ids that no other container has. systemd keeps
// 524288 to 1879048191 for containers ("Users, Groups, UIDs and GIDs on systemd systems"); ours are from the middle of
// that, where no user's own ranges (subuid(5)) are either. A range is taken as names are: by a link to the container.

import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { isMissing, removeFile } from "./files.ts";
import { containersFolder, type Roots, rangesFolder } from "./folders.ts";
import { RANGE_SIZE } from "./spec/namespaces.ts";
import { beingMade } from "./sweep.ts";

const FIRST = 0x1000_0000;
const RANGES = 4096;

/** Takes a free range for the container `id`, which is being made; its first id. The caller holds the creation lock. */
export function claimRange(roots: Roots, id: string): number {
  mkdirSync(rangesFolder(roots), { recursive: true, mode: 0o700 });
  const taken = new Set(readdirSync(rangesFolder(roots)).filter((name) => isTaken(roots, name)));
  for (let index = 0; index < RANGES; index++) {
    const first = FIRST + index * RANGE_SIZE;
    if (taken.has(String(first))) continue;
    symlinkSync(id, linkOf(roots, first));
    return first;
  }
  throw new UserError(`all ${RANGES} ranges of users for containers are taken`);
}

/** One whose container is no more was left by somebody who was killed. */
function isTaken(roots: Roots, name: string): boolean {
  const holder = readlinkSync(join(rangesFolder(roots), name));
  if (existsSync(join(containersFolder(roots), holder)) || existsSync(beingMade(roots, holder))) return true;
  removeFile(join(rangesFolder(roots), name));
  return false;
}

/** Gives it back. None is fine. */
export function releaseRange(roots: Roots, first: number | undefined): void {
  if (first === undefined) return;
  try {
    removeFile(linkOf(roots, first));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

const linkOf = (roots: Roots, first: number): string => join(rangesFolder(roots), String(first));
