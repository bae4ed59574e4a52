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
  /** Controllers that can't be had because of it; empty means all that a v2 hierarchy has. */
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
  const cause =
    machine.missing.find(({ controllers }) => controllers.includes(v1Name) || controllers.includes(v2Name)) ??
    machine.missing.find(({ controllers }) => controllers.length === 0);
  return cause ?? { why: "no mounted hierarchy has it", hint: "see /proc/cgroups for what this kernel offers" };
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
    const why = `no group below ${mountPoint} is ours to write`;
    return [{ version, controllers, why, hint: DELEGATE }];
  }
  const offered = words(files.read(`${directory}/cgroup.controllers`));
  const { controllers: had } = baseAt(hierarchy, directory, files);
  const withheld = version === 2 ? offered.filter((name) => !had.includes(name)) : [];
  const why = `processes are in ${directory} itself, and such a group hands nothing to groups below it`;
  return withheld.length === 0 ? [] : [{ version, controllers: withheld, why, hint: MOVE_DOWN }];
}

const DELEGATE =
  "have a part of the tree delegated: under systemd, `systemd-run --user --scope -p Delegate=yes bash`, " +
  "and Delegate=cpu cpuset io memory pids for user@.service to get every controller; in a container, mount cgroups writable";
const MOVE_DOWN = "move them into a group below first: mkdir init, then write each of their ids to init/cgroup.procs";
