// What a file of a layer is besides its content: owner, mode, extended attributes, time. In this order: a new owner takes
// away set-user-ID and capabilities, and each change but that of the times sets a time itself.

import { chmodSync, fchmodSync, fchownSync, futimesSync, lchownSync, lstatSync } from "node:fs";
import { type BytePath, isOverlayXattr, isPlainTime, setTimes, setXattr, toBytes } from "../05-overlay/index.ts";
import { Beneath } from "./beneath.ts";
import type { TarEntry } from "./tar-header.ts";

export type Attributes = Pick<TarEntry, "mode" | "uid" | "gid" | "mtimeNs" | "xattrs">;

const SECOND = 1_000_000_000n;

/** Of an open file or directory. `owners` says whether it gets an owner, or stays ours. */
export function setFileAttributes(file: { fd: number; path: BytePath }, attributes: Attributes, owners: boolean): void {
  const { fd, path } = file;
  const { uid, gid, mode, mtimeNs, xattrs } = attributes;
  if (owners) fchownSync(fd, uid, gid);
  fchmodSync(fd, mode);
  setXattrs(path, xattrs);
  if (isPlainTime(mtimeNs)) futimesSync(fd, Number(mtimeNs / SECOND), Number(mtimeNs / SECOND));
  else setTimes(path, { atimeNs: mtimeNs, mtimeNs });
}

/** Of what is no file: a node, or a symbolic link, which has no mode of its own. */
export function setNodeAttributes(path: BytePath, entry: TarEntry, owners: boolean): void {
  const { type, uid, gid, mode, mtimeNs, xattrs } = entry;
  if (owners) lchownSync(toBytes(path), uid, gid);
  if (type !== "symlink") chmodSync(toBytes(path), mode);
  setXattrs(path, xattrs);
  setTimes(path, { atimeNs: mtimeNs, mtimeNs });
}

/** Overlay's own marks could make one layer show another's hidden files. Where an attribute may not be, it is not. */
function setXattrs(path: BytePath, xattrs: Map<string, Buffer>): void {
  for (const [name, value] of xattrs) {
    if (!isOverlayXattr(name)) setXattr(path, name, value, ["EPERM", "EOPNOTSUPP"]);
  }
}

/** What the directory `path` is like in an unpacked layer; undefined if it has no such directory. */
export function directoryAttributesIn(layer: string, path: BytePath): Attributes | undefined {
  const beneath = new Beneath(layer);
  try {
    const place = beneath.directoryPath(path);
    return place === undefined ? undefined : attributesOf(`${place}/.`);
  } finally {
    beneath.close();
  }
}

function attributesOf(path: BytePath): Attributes {
  const { mode, uid, gid, mtimeNs } = lstatSync(toBytes(path), { bigint: true });
  return { mode: Number(mode) & 0o7777, uid: Number(uid), gid: Number(gid), mtimeNs, xattrs: new Map() };
}
