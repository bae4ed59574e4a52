// Where on this machine we may make groups, and which controllers can limit them there.
//
// root may begin at the top of each hierarchy. An ordinary user, or root inside somebody else's container, owns a part
// of the tree at best: it was *delegated*, which means no more than that the directory and its cgroup.procs are theirs
// (cgroups(7), "Cgroups delegation"). So one rule serves all: begin at the highest group above our own that we may
// write to. Highest, because moving a process needs write permission on the common ancestor of both groups as well.

import { isInitialUserNamespace } from "../03-namespaces/index.ts";
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
  hierarchies: Hierarchy[];
  /** Of those hierarchies in which we may make groups. */
  bases: Base[];
  /** Only the host's root has a say in devices: not an ordinary user, nor root in a user namespace. */
  isHostRoot: boolean;
}

/** Looks at this machine, in a dozen small files: a process that starts many containers keeps the result. */
export function findMachine(files: Files = thisMachine): Machine {
  const mountinfo = files.read("/proc/self/mountinfo") ?? "";
  const ownGroups = files.read("/proc/self/cgroup") ?? "";
  return machineOf(parseHierarchies(mountinfo, ownGroups), files);
}

export function machineOf(hierarchies: Hierarchy[], files: Files = thisMachine): Machine {
  const bases = hierarchies.flatMap((hierarchy) => {
    const directory = writableTop(hierarchy, files);
    return directory === undefined ? [] : [baseAt(hierarchy, directory, files)];
  });
  return { hierarchies, bases, isHostRoot: isHostRoot(files) };
}

/** In the host's own user namespace every id is mapped to itself. See user_namespaces(7). */
function isHostRoot(files: Files): boolean {
  const isRoot = /^Uid:\t\d+\t0\t/m.test(files.read("/proc/self/status") ?? "");
  return isRoot && isInitialUserNamespace(files.read("/proc/self/uid_map") ?? "");
}

/** The v2 hierarchy, if we may make groups in it. */
export function v2Base(machine: Machine): Base | undefined {
  return machine.bases.find(({ version }) => version === 2);
}

/** The place where a controller is, by its v1 name (`blkio`) and its v2 name (`io`). A controller is never in both. */
export function baseWith(machine: Machine, v1Name: string, v2Name: string): Base | undefined {
  return machine.bases.find(({ version, controllers }) => controllers.includes(version === 1 ? v1Name : v2Name));
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

// ---- what is not to be had

/** Why no base has the controller. Looked up only when somebody asks. */
export function whyWithout(
  machine: Machine,
  v1Name: string,
  v2Name: string,
  files: Files = thisMachine,
): Pick<Missing, "why" | "hint"> {
  const missing = findMissing(machine, files);
  const named = missing.find(({ version, controllers }) => controllers.includes(version === 1 ? v1Name : v2Name));
  const isV2Closed = v2Base(machine) === undefined;
  const unnamed = isV2Closed ? missing.find(({ version }) => version === 2) : undefined;
  return named ?? unnamed ?? { why: "no mounted hierarchy has it", hint: "/proc/cgroups lists what this kernel has" };
}

/** Everything that this machine has and we can't use, for whoever wants to mend it. */
export function findMissing({ hierarchies, bases }: Machine, files: Files = thisMachine): Missing[] {
  return hierarchies.flatMap(({ version, controllers, mountPoint }) => {
    const base = bases.find((each) => each.mountPoint === mountPoint);
    const closed = { version, controllers, why: `no group below ${mountPoint} is ours to write`, hint: DELEGATE };
    if (!base) return [closed];
    const parts = version === 1 ? [] : [withheld(base, files), kept(base, files)];
    return parts.filter((part) => part.controllers.length > 0);
  });
}

/** What the top has and did not come down to us. */
function withheld({ directory, mountPoint }: Base, files: Files): Missing {
  const offered = words(files.read(`${directory}/cgroup.controllers`));
  const all = words(files.read(`${mountPoint}/cgroup.controllers`));
  const why = `${directory} was delegated without it`;
  return { version: 2, controllers: all.filter((name) => !offered.includes(name)), why, hint: DELEGATE_MORE };
}

/** What came down to us and can't be handed on. */
function kept({ directory, controllers }: Base, files: Files): Missing {
  const offered = words(files.read(`${directory}/cgroup.controllers`));
  const why = `processes are in ${directory} itself, and such a group hands nothing to groups below it`;
  return { version: 2, controllers: offered.filter((name) => !controllers.includes(name)), why, hint: MOVE_DOWN };
}

const DELEGATE =
  "have a part of the tree delegated: under systemd, start from `systemd-run --user --scope -p Delegate=yes bash`; " +
  "in a container, mount /sys/fs/cgroup writable";
const DELEGATE_MORE = "under systemd, set Delegate=cpu cpuset io memory pids in a drop-in of user@.service";
const MOVE_DOWN = "move them into a group below first: mkdir init, then write each of their ids to init/cgroup.procs";
