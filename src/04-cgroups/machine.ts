// Where on this machine we may make groups, and which controllers can limit them there.
//
// root may begin at the top of each hierarchy. An ordinary user, or root inside somebody else's container, owns a part
// of the tree at best: it was *delegated*, which means no more than that the directory and its cgroup.procs are theirs
// (cgroups(7), "Cgroups delegation"). So one rule serves all: begin at the highest group above our own that we may
// write to. Highest, because moving a process needs write permission on the common ancestor of both groups as well.

import { type Files, thisMachine, words } from "./files.ts";
import { type Hierarchy, parseHierarchies } from "./hierarchies.ts";

/** A directory below which we may make groups. */
export interface Base {
  version: 1 | 2;
  /** What can limit a group made here. */
  controllers: string[];
  /** v2: the controllers that are switched on for groups below already. */
  enabled: string[];
  directory: string;
  mountPoint: string;
}

/** A place that can't be used, or a part of one, and why not. */
export interface Missing {
  version: 1 | 2;
  /** Controllers that can't be had because of it. A v2 hierarchy that is no place at all has none to name. */
  controllers: string[];
  why: string;
  hint: string;
}

export interface Machine {
  bases: Base[];
  missing: Missing[];
}

/** Looks at this machine. About ten small files: a process that starts many containers keeps the result. */
export function findMachine(files: Files = thisMachine): Machine {
  const mountinfo = files.read("/proc/self/mountinfo") ?? "";
  const ownGroups = files.read("/proc/self/cgroup") ?? "";
  return machineOf(parseHierarchies(mountinfo, ownGroups), files);
}

export function machineOf(hierarchies: Hierarchy[], files: Files = thisMachine): Machine {
  const found = hierarchies.map((hierarchy) => ({ hierarchy, directory: writableTop(hierarchy, files) }));
  const missing = found.flatMap(({ hierarchy, directory }) => whatIsMissing(hierarchy, directory, files));
  const bases = found.flatMap(({ hierarchy, directory }) =>
    directory === undefined ? [] : [baseAt(hierarchy, directory, files)],
  );
  return { bases, missing };
}

/** The v2 hierarchy, if we may make groups in it. */
export function v2Base(machine: Machine): Base | undefined {
  return machine.bases.find(({ version }) => version === 2);
}

/** The place where a controller is, by its v1 name (`blkio`) and its v2 name (`io`). A controller is never in both. */
export function baseWith(machine: Machine, v1Name: string, v2Name: string): Base | undefined {
  return machine.bases.find(({ version, controllers }) => controllers.includes(version === 1 ? v1Name : v2Name));
}

/** Why no base has the controller. */
export function whyWithout(machine: Machine, v1Name: string, v2Name: string): Pick<Missing, "why" | "hint"> {
  const { missing, bases } = machine;
  const named = missing.find(({ version, controllers }) => controllers.includes(version === 1 ? v1Name : v2Name));
  const unnamed = bases.some(({ version }) => version === 2) ? undefined : missing.find(({ version }) => version === 2);
  return (
    named ?? unnamed ?? { why: "no mounted hierarchy has it", hint: "see /proc/cgroups for what this kernel offers" }
  );
}

function writableTop({ mountPoint, own }: Hierarchy, files: Files): string | undefined {
  return pathsTo(own)
    .map((path) => mountPoint + path)
    .find((directory) => files.isWritable(directory) && files.isWritable(`${directory}/cgroup.procs`));
}

/** `"/a/b"` → `["", "/a", "/a/b"]`. */
function pathsTo(path: string): string[] {
  const names = path.split("/").slice(1);
  return ["", ...names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`)];
}

function baseAt({ version, controllers, mountPoint }: Hierarchy, directory: string, files: Files): Base {
  if (version === 1) return { version, controllers, enabled: [], directory, mountPoint };
  const enabled = words(files.read(`${directory}/cgroup.subtree_control`));
  const offered = canEnable(directory, files) ? words(files.read(`${directory}/cgroup.controllers`)) : enabled;
  return { version, controllers: offered, enabled, directory, mountPoint };
}

/**
 * "No internal processes": a group hands controllers to groups below only if no process is in it itself. The real root
 * is the exception; it alone has no cgroup.type. The top of somebody's container is not the root, it only looks so.
 */
function canEnable(directory: string, files: Files): boolean {
  return !files.exists(`${directory}/cgroup.type`) || files.read(`${directory}/cgroup.procs`) === "";
}

function whatIsMissing(hierarchy: Hierarchy, directory: string | undefined, files: Files): Missing[] {
  const { version, controllers, mountPoint } = hierarchy;
  if (directory === undefined) {
    return [{ version, controllers, why: `no group below ${mountPoint} is ours to write`, hint: DELEGATE }];
  }
  return version === 1 ? [] : [withheld(mountPoint, directory, files), kept(hierarchy, directory, files)];
}

/** What the top has and did not come down to us. */
function withheld(mountPoint: string, directory: string, files: Files): Missing {
  const offered = words(files.read(`${directory}/cgroup.controllers`));
  const all = words(files.read(`${mountPoint}/cgroup.controllers`));
  const why = `${directory} was delegated without it`;
  return { version: 2, controllers: all.filter((name) => !offered.includes(name)), why, hint: DELEGATE_MORE };
}

/** What came down to us and can't be handed on. */
function kept(hierarchy: Hierarchy, directory: string, files: Files): Missing {
  const offered = words(files.read(`${directory}/cgroup.controllers`));
  const had = baseAt(hierarchy, directory, files).controllers;
  const why = `processes are in ${directory} itself, and such a group hands nothing to groups below it`;
  return { version: 2, controllers: offered.filter((name) => !had.includes(name)), why, hint: MOVE_DOWN };
}

const DELEGATE =
  "have a part of the tree delegated: under systemd, start from `systemd-run --user --scope -p Delegate=yes bash`; " +
  "in a container, mount /sys/fs/cgroup writable";
const DELEGATE_MORE = "under systemd, set Delegate=cpu cpuset io memory pids in a drop-in of user@.service";
const MOVE_DOWN = "move them into a group below first: mkdir init, then write each of their ids to init/cgroup.procs";
