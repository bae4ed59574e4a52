// A container's group: one path, and a directory at that path in each hierarchy the group is in. On v2 that is a single
// directory; on v1 one for each controller (or few) that the container needs.
//
// It is plain data, kept with the container's state, so that whoever comes later (stats, pause, removal, after a
// crash too) need not look for it again.

import { readdirSync } from "node:fs";
import { posix } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { readText, words } from "./files.ts";

/** All groups we make without being told where are below this one. */
export const PARENT = "mini-docker";

export interface Group {
  /** Below each hierarchy's base: `/mini-docker/3f2a…`. */
  path: string;
  directories: GroupDirectory[];
  /** A part of it is the container's own to divide: see delegate.ts. */
  isDelegated?: true;
}

export interface GroupDirectory {
  version: 1 | 2;
  /** The controllers that act on the group here. A v2 directory may have none and still freeze and kill. */
  controllers: string[];
  /** The writable directory that `path` begins at. */
  base: string;
  /** `base` + `path`. */
  directory: string;
  /** Where the hierarchy is mounted, whose last name the container sees it under. */
  mountPoint: string;
}

/**
 * Where a container's group goes. `cgroupsPath` is the OCI field: absolute is taken from the base, relative is below
 * our own parent. Throws UserError for systemd's way of writing it and for the base itself.
 */
export function groupPath(id: string, cgroupsPath: string | undefined): string {
  if (!cgroupsPath) return `/${PARENT}/${id}`;
  if (!cgroupsPath.startsWith("/") && cgroupsPath.split(":").length === 3) throw systemdPath(cgroupsPath);
  // Neither `..` nor the base itself: nothing outside may be written, and later removed, in the group's name.
  const path = posix.join("/", cgroupsPath.startsWith("/") ? "" : PARENT, posix.join("/", cgroupsPath));
  const clean = path.replace(/\/$/, "");
  if (clean === "" || clean === `/${PARENT}`) throw new UserError(`"${cgroupsPath}" names no group for one container`);
  return clean;
}

function systemdPath(path: string): UserError {
  return new UserError(`"${path}" is a group that systemd would have to make`, {
    hint: "use the caller's cgroupfs driver (podman --cgroup-manager cgroupfs, SystemdCgroup = false in containerd)",
  });
}

/** The directory in which a controller's files are. `cgroup`, as in cgroup.kill, is any v2 one. */
export function directoryOf(group: Group, controller: string): string {
  const found = findDirectory(group, controller);
  if (found === undefined) throw new Error(`the group ${group.path} has no ${controller} controller`);
  return found;
}

export function findDirectory(group: Group, controller: string): string | undefined {
  return group.directories.find(({ version, controllers }) =>
    controller === "cgroup" ? version === 2 : controllers.includes(controller),
  )?.directory;
}

/** The v2 directory, with or without controllers. */
export function v2Directory(group: Group): string | undefined {
  return findDirectory(group, "cgroup");
}

/** All processes in the group and in the groups a container made below it. A group that is gone has none. */
export function groupPids(group: Group): number[] {
  const [first] = group.directories;
  const directory = v2Directory(group) ?? first?.directory;
  if (directory === undefined) return [];
  const pids = withDescendants(directory).flatMap((each) => words(readText(`${each}/cgroup.procs`)));
  return pids.map(Number);
}

/** A directory and all below it, deepest last. A container may make groups of its own, as systemd does in it. */
export function withDescendants(directory: string): string[] {
  return [directory, ...children(directory).flatMap(withDescendants)];
}

export function children(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${directory}/${name}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
