// What an image has where a volume is seen for the first time is copied into it, with owners, modes, times and attributes:
// a database finds the folder it was packed with, and its own. Only an empty volume is filled, and only once.
//
// Another container may have the empty volume already, and who copies may be killed. So the files are first put together
// beside what containers see, and then moved in by their names, one rename(2) each. What is found beside it later says how
// far it had come:
//
//   filling/   not all is copied: thrown away, and begun anew
//   filled/    all is copied and on the disk, not all is moved in: that is what is left to do
//
// A name in the volume may be a link by then, of whoever has it: rename(2) follows no link in the last name, and the names
// before that are ours.

import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { LOCK, performOne, step } from "../01-syscalls/index.ts";
import { type BytePath, copyLayers, entriesOf, setTimes, toBytePath, toBytes } from "../05-overlay/index.ts";
import { keepsOwners, removeTree, takeLock } from "../06-images/index.ts";
import { type VolumeFolder, volumeFolder } from "./volume.ts";

/** It is empty, and nobody has begun to fill it; or somebody has, and was killed. */
export function isToBeFilled(root: string, name: string): boolean {
  const { data, filled } = volumeFolder(root, name);
  return isThere(filled) || readdirSync(data).length === 0;
}

export interface FillOptions {
  /** For a volume that nobody asks for after a power cut. */
  skipSync?: boolean;
}

/** Copies what the directory `from` shows into the volume, which becomes like it, unless there is something in it. */
export function fillVolume(root: string, name: string, from: string, options: FillOptions = {}): void {
  const folder = volumeFolder(root, name);
  const lock = takeLock(folder.folder, "filling", LOCK.EX)!;
  try {
    if (!isToBeFilled(root, name)) return;
    if (!isThere(folder.filled)) copyBeside(folder, from, options);
    moveIn(folder);
  } finally {
    lock.close();
  }
}

function copyBeside({ filling, filled }: VolumeFolder, from: string, { skipSync = false }: FillOptions): void {
  removeTree(toBytePath(filling));
  mkdirSync(filling, { mode: 0o700 });
  copyLayers([from], filling, { ownerless: !keepsOwners() });
  if (!skipSync) syncFilesystemOf(filling);
  renameSync(filling, filled);
}

/** All of these files at once, and whatever else is waiting there: one call, where fsync(2) would be one a file. */
function syncFilesystemOf(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    performOne(step("syncfs", [fd], { why: "after a power cut there are no names without contents" }));
  } finally {
    closeSync(fd);
  }
}

function moveIn({ filled, data }: VolumeFolder): void {
  const times = lstatSync(filled, { bigint: true });
  const [from, to] = [toBytePath(filled), toBytePath(data)];
  for (const { name } of entriesOf(from)) moveUnlessThere(`${from}/${name}`, `${to}/${name}`);
  // It is empty now, and says who the volume's own folder is to belong to.
  copyLayers([filled], data, { ownerless: !keepsOwners() });
  setTimes(to, times);
  rmdirSync(filled);
}

/** What somebody else has put there meanwhile stays. */
function moveUnlessThere(from: BytePath, to: BytePath): void {
  if (lstatSync(toBytes(to), { throwIfNoEntry: false })) removeTree(from);
  else asOurs(from, to, () => renameSync(toBytes(from), toBytes(to)));
}

/** A folder's `..` changes with its place, and to write that in a read-only one takes root or its owner's leave. */
function asOurs(from: BytePath, to: BytePath, move: () => void): void {
  const stats = lstatSync(toBytes(from));
  const isLocked = !keepsOwners() && stats.isDirectory() && (stats.mode & 0o200) === 0;
  if (isLocked) chmodSync(toBytes(from), 0o700);
  move();
  if (isLocked) chmodSync(toBytes(to), stats.mode & 0o7777);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
