// What is known of networks, on disk. A link is taken by one of any number who try at once (symlink(2)), and says in its
// own name all there is to say, so there is no file to be half written:
//
//   ROOT/networks/
//   ├─ lock
//   └─ NAME/
//       ├─ network.json              what was asked for
//       ├─ leases/ADDRESS → ID/MAC   who has this address (and /ADDRESS6)
//       └─ ports/tcp:0.0.0.0:8080 → ADDRESS:80

import { closeSync, openSync, readdirSync, readlinkSync, symlinkSync, unlinkSync } from "node:fs";
import { LOCK, performOne, step } from "../01-syscalls/index.ts";
import { makeFolder } from "../06-images/index.ts";
import { takeDownAside } from "./takedown.ts";

export const networksFolder = (root: string): string => `${root}/networks`;
export const networkFolder = (root: string, name: string): string => `${networksFolder(root)}/${name}`;
export const recordFile = (root: string, name: string): string => `${networkFolder(root, name)}/network.json`;
export const leasesFolder = (root: string, name: string): string => `${networkFolder(root, name)}/leases`;
export const portsFolder = (root: string, name: string): string => `${networkFolder(root, name)}/ports`;

/**
 * Networks change one after the other: addresses are given, bridges made, rules replaced. Waits its turn, and until all
 * is gone that the one before has had taken away.
 */
export function whileChanging<T>(root: string, work: () => T): T {
  makeFolder(networksFolder(root));
  const fd = openSync(`${networksFolder(root)}/lock`, "a", 0o600);
  try {
    performOne(step("flock", [fd, LOCK.EX], { why: "one at a time", retry: ["EINTR"] }));
    return work();
  } finally {
    takeDownAside(fd);
    closeSync(fd);
  }
}

/** Name → where it leads, of all links in a folder. */
export function linksIn(folder: string): [name: string, target: string][] {
  return entriesOf(folder).map((name) => [name, readlinkSync(`${folder}/${name}`)]);
}

export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export function putLink(folder: string, name: string, target: string): void {
  makeFolder(folder);
  symlinkSync(target, `${folder}/${name}`);
}

/** Removing what is gone is success. */
export function dropLink(folder: string, name: string): void {
  try {
    unlinkSync(`${folder}/${name}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
