// Removing a tree that somebody else has made. A path has 4096 bytes at most (path_resolution(7)), a tree has no such
// limit: a program that makes a folder, enters it and does so again a thousand times has made what no path reaches from
// the top. So nothing is walked down to. A folder within a folder is first brought up to the top, by rename(2), and
// emptied there; no name is ever more than two below it.

import { chmodSync, lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import { randomBytes } from "../01-syscalls/index.ts";
import { type BytePath, toBytes } from "../05-overlay/index.ts";
import { keepsOwners } from "./ownership.ts";

/** Removes whatever is at `path`, with all that is in it. Nothing there is fine; links are removed, not followed. */
export function removeTree(path: BytePath): void {
  const stats = lstatSync(toBytes(path), { throwIfNoEntry: false });
  if (stats?.isDirectory()) removeDirectory(path);
  else if (stats) unlinkSync(toBytes(path));
}

function removeDirectory(top: BytePath): void {
  const free = freeNames();
  const names = emptyOfFiles(top);
  // It grows while it is gone through.
  for (const name of names) {
    const folder = `${top}/${name}`;
    for (const inner of emptyOfFiles(folder)) names.push(bringUp(`${folder}/${inner}`, top, free()));
    rmdirSync(toBytes(folder));
  }
  rmdirSync(toBytes(top));
}

/** Names that nobody has given before, and nobody could guess. */
function freeNames(): () => BytePath {
  let prefix: string | undefined;
  let count = 0;
  return () => {
    prefix ??= randomBytes(8).toString("hex");
    return `${prefix}-${count++}`;
  };
}

/** Returns the names of what is left: folders. */
function emptyOfFiles(folder: BytePath): BytePath[] {
  makeOurs(folder);
  const entries = readdirSync(toBytes(folder), { encoding: "latin1", withFileTypes: true });
  const [folders, files] = [
    entries.filter((entry) => entry.isDirectory()),
    entries.filter((entry) => !entry.isDirectory()),
  ];
  for (const { name } of files) unlinkSync(toBytes(`${folder}/${name}`));
  return folders.map(({ name }) => name);
}

function bringUp(folder: BytePath, top: BytePath, name: BytePath): BytePath {
  // Its `..` changes, and that is written in the folder itself.
  makeOurs(folder);
  renameSync(toBytes(folder), toBytes(`${top}/${name}`));
  return name;
}

/** Root may write everywhere; others have to be able to. */
function makeOurs(folder: BytePath): void {
  if (!keepsOwners()) chmodSync(toBytes(folder), 0o700);
}
