// Putting a container into its group: which hierarchies it joins, how its directories are made, and how its first
// process gets in before it runs anything.
//
//   v2  clone3 takes the directory's descriptor (CLONE_INTO_CGROUP): the child is born inside, and is never outside.
//   v1  the child's first deed is to write 0, itself, to `tasks` of each directory.
//
// Other runtimes write the child's id to cgroup.procs. Moving a whole process, which may be making threads just then,
// means stopping all forks on the machine first, and that takes the kernel 10 ms; one task that moves itself can do
// nothing else meanwhile, and takes 20 µs.
//
// Each v1 hierarchy still costs about 80 µs to make, enter and remove, so a container joins those it needs and no
// others: those with a limit on it, memory and pids (for statistics and out-of-memory kills), devices; and freezer and
// cpuacct only where there is no v2 tree to pause it, kill it and count its processor time.

import {
  closeStep,
  mkdirStep,
  O,
  openStep,
  type Ref,
  reg,
  type Step,
  writeFileSteps,
  writeStep,
} from "../01-syscalls/index.ts";
import { CPUSET_FILES } from "./cpuset.ts";
import { ownPart } from "./delegate.ts";
import { type Files, readText, thisMachine, words } from "./files.ts";
import { type Group, type GroupDirectory, PARENT } from "./group.ts";
import { type Base, type Machine, v2Base } from "./machine.ts";

/** v1: joined even without a limit. */
const ALWAYS = ["memory", "pids"];
const WITHOUT_V2 = ["freezer", "cpuacct"];
/** v2: switched on even without a limit; they are what statistics are read from. */
const COUNTED = ["memory", "pids", "io"];

/** The register with the v2 directory's descriptor, for clone3. */
export const CGROUP = "cgroup";

/** Chooses the group's directories; makes nothing. `needs` are the controllers of its settings, and `devices`. */
export function placeGroup(machine: Machine, path: string, needs: string[]): Group {
  const wanted = [...needs, ...ALWAYS, ...(v2Base(machine) ? [] : WITHOUT_V2)];
  const used = machine.bases.filter(
    ({ version, controllers }) => version === 2 || controllers.some((name) => wanted.includes(name)),
  );
  return { path, directories: used.map((base) => directoryAt(base, path, needs)) };
}

function directoryAt({ version, controllers, directory: base, mountPoint }: Base, path: string, needs: string[]) {
  const on = version === 1 ? controllers : controllers.filter((name) => [...needs, ...COUNTED].includes(name));
  return { version, controllers: on, base, directory: base + path, mountPoint };
}

// ---- making the directories

/**
 * Makes the group. Parents may exist; the group itself may only if somebody else named it (`isOurs` false): a runtime's
 * caller can have made it. Nothing of it is left behind by `removeGroup`.
 */
export function createSteps(machine: Machine, group: Group, isOurs = true, files: Files = thisMachine): Step[] {
  return group.directories.flatMap((directory) => {
    const base = machine.bases.find((each) => each.directory === directory.base);
    const enabled = base?.enabled ?? [];
    return directory.version === 2
      ? createV2(directory, group.path, enabled, isOurs)
      : createV1(directory, group.path, isOurs, files);
  });
}

/**
 * Each group on the way says which controllers the groups right below it get: cgroup.subtree_control. What is switched
 * on at the top stays on: by the time we leave, others may rely on it.
 */
function createV2({ base, controllers, directory }: GroupDirectory, path: string, enabled: string[], isOurs: boolean) {
  const missing = controllers.filter((name) => !enabled.includes(name));
  return [
    ...enableSteps(base, missing),
    ...parentsOf(path).flatMap((parent) => [mkdirParent(base, parent), ...enableSteps(base + parent, controllers)]),
    mkdirGroup(directory, "the container's group", isOurs),
  ];
}

function enableSteps(directory: string, controllers: string[]): Step[] {
  if (controllers.length === 0) return [];
  const data = controllers.map((name) => `+${name}`).join(" ");
  const why = "groups below get files for these controllers";
  return writeFileSteps({ path: `${directory}/cgroup.subtree_control`, data, as: "subtree", why });
}

function createV1({ base, controllers, directory }: GroupDirectory, path: string, isOurs: boolean, files: Files) {
  const fill = controllers.includes("cpuset") ? cpusetSteps(base, path, files) : [];
  return [
    ...parentsOf(path).map((parent) => mkdirParent(base, parent)),
    mkdirGroup(directory, `the container's group for ${controllers.join(" and ")}`, isOurs),
    ...fill,
  ];
}

/** `"/mini-docker/3f"` → `["/mini-docker"]`. */
function parentsOf(path: string): string[] {
  const names = path.split("/").slice(1, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
}

function mkdirParent(base: string, path: string): Step {
  const why = path === `/${PARENT}` ? "the parent of all our groups" : "a group on the way";
  return mkdirStep({ path: base + path, mode: 0o755, why, allow: ["EEXIST"] });
}

function mkdirGroup(path: string, why: string, isOurs: boolean): Step {
  return mkdirStep({ path, mode: 0o755, why, ...(!isOurs && { allow: ["EEXIST"] }) });
}

/** Fills each empty cpuset on the way with what is above it; one that somebody filled stays, and is what is inherited. */
function cpusetSteps(base: string, path: string, files: Files): Step[] {
  return CPUSET_FILES.flatMap((file) => {
    let inherited = files.read(`${base}/${file}`) ?? "";
    return [...parentsOf(path), path].flatMap((group) => {
      const own = group === `/${PARENT}` ? "" : files.read(`${base}${group}/${file}`);
      inherited = own || inherited;
      if (own) return [];
      const why = "a new cpuset is empty, and nothing could run in it";
      return writeFileSteps({ path: `${base}${group}/${file}`, data: inherited, as: "inherited", why });
    });
  });
}

// ---- getting in

/**
 * `before`: opens what the child gets in by, while we still are who may. On v2 that is the directory, register `cgroup`,
 * for clone3; on v1 each list of tasks, for `enterGroupSteps`.
 */
export function openGroupSteps(group: Group): Step[] {
  return openSteps(ownPart(group));
}

function openSteps({ directories }: Group): Step[] {
  return directories.map((each) =>
    each.version === 2
      ? openStep({
          path: each.directory,
          flags: O.PATH | O.DIRECTORY,
          as: CGROUP,
          why: "the child is born in this group",
        })
      : openStep({
          path: `${each.directory}/tasks`,
          flags: O.WRONLY,
          as: listOf(each),
          why: "the child enters by this list",
        }),
  );
}

/** For clone3: with cgroup v2 the child is cloned into its group; v1 groups it enters itself. */
export function bornIn({ directories }: Group): { cgroup?: Ref } {
  return directories.some(({ version }) => version === 2) ? { cgroup: reg(CGROUP) } : {};
}

/**
 * `inside`, before anything that should be counted: the child enters each v1 directory. The kernel looks at who opened
 * the list, not at who writes to it, so a child that is nobody on the host can do it.
 */
export function enterGroupSteps(group: Group): Step[] {
  return group.directories
    .filter(({ version }) => version === 1)
    .flatMap((each) => [
      writeStep({
        fd: reg(listOf(each)),
        data: "0",
        why: `0 is who writes: ${each.controllers.join(" and ")} limits it`,
      }),
      closeStep({ fd: reg(listOf(each)), why: "no way into the host's groups stays open" }),
    ]);
}

function listOf({ controllers }: GroupDirectory): string {
  return `${controllers.join(",")}-tasks`;
}

/**
 * For another process of a running container, as exec makes: the same two ways in. `firstPid` is the container's own
 * first process: where that has moved into a group below (systemd does), v2 lets nobody into the one above, EBUSY.
 */
export function joinSteps(group: Group, firstPid?: number): { before: Step[]; inside: Step[] } {
  const joined = firstPid === undefined ? ownPart(group) : whereItIs(group, firstPid);
  return { before: openSteps(joined), inside: enterGroupSteps(joined) };
}

function whereItIs(group: Group, pid: number): Group {
  const own = /^0::(.*)$/m.exec(readText(`/proc/${pid}/cgroup`) ?? "")?.[1] ?? "";
  const [, inner = ""] = own.split(`${group.path}/`);
  const directories = group.directories.map((each, index) => {
    if (each.version === 1) return ownPart(group).directories[index]!;
    const isClosed = group.isDelegated || words(readText(`${each.directory}/cgroup.subtree_control`)).length > 0;
    return isClosed && inner !== "" ? { ...each, directory: `${each.directory}/${inner}` } : each;
  });
  return { ...group, directories };
}
