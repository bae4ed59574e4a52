// A mount needs something to be mounted on, and where an image has no /proc or /etc/resolv.conf an empty one is made. In a
// container nobody minds; in a layer it would be a file that nobody asked for. So what is empty still, and was not there
// before, goes again.

import { closeSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { dirname, posix } from "node:path";
import { O } from "../01-syscalls/index.ts";
import { openRoot } from "../02-rootfs/index.ts";
import { type BytePath, toBytePath, toBytes } from "../05-overlay/index.ts";
import { type Container, readSpec } from "../10-containers/container.ts";
import { lent, openFrom, pathFrom, WITHIN } from "../10-containers/copy/descriptors.ts";

/** `lower` are the layers that the container lay on, lowest first. */
export function removeMountPoints(container: Container, lower: string[]): void {
  const destinations = (readSpec(container).mounts ?? []).map(({ destination }) => destination);
  const paths = [...new Set(destinations.flatMap(withParents))].sort((one, other) => depth(other) - depth(one));
  const upper = openRoot(container.folder.upper);
  const layers = lower.map(openRoot);
  try {
    for (const path of paths) if (!layers.some((layer) => isIn(layer, path))) removeIfEmpty(upper, path);
  } finally {
    for (const fd of [upper, ...layers]) closeSync(fd);
  }
}

function withParents(path: string): string[] {
  const clean = posix.normalize(`/${path}`).replace(/(.)\/$/, "$1");
  return clean === "/" ? [] : [...withParents(dirname(clean)), clean];
}

function depth(path: string): number {
  return path.split("/").length;
}

function isIn(layer: number, path: string): boolean {
  const fd = openFrom(layer, toBytePath(path), O.PATH, WITHIN.root, ["ENOENT", "ENOTDIR", "ELOOP"]);
  if (fd >= 0) closeSync(fd);
  return fd >= 0;
}

function removeIfEmpty(upper: number, path: string): void {
  const parent = openFrom(upper, toBytePath(dirname(path)), O.PATH, WITHIN.root, ["ENOENT", "ENOTDIR", "ELOOP"]);
  if (parent >= 0) lent(parent, () => removeEmpty(pathFrom(parent, toBytePath(posix.basename(path)))));
}

function removeEmpty(path: BytePath): void {
  const stats = lstatSync(toBytes(path), { throwIfNoEntry: false });
  if (stats?.isFile() && stats.size === 0) unlinkSync(toBytes(path));
  if (stats?.isDirectory() && readdirSync(toBytes(path)).length === 0) rmdirSync(toBytes(path));
}
