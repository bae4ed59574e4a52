// Handing a part of the tree over to a container: the directory is made, and the few files given that delegation is (see
// delegate.ts).

import { AT, type Step, step, writeFileSteps } from "../01-syscalls/index.ts";
import { DELEGATED, ownPart } from "./delegate.ts";
import { type Files, thisMachine } from "./files.ts";
import type { Group, GroupDirectory } from "./group.ts";
import type { Machine } from "./machine.ts";
import { createSteps } from "./place.ts";

interface Ids {
  uid: number;
  gid: number;
}

export interface HandOver {
  machine: Machine;
  group: Group;
  /** An id outside; without one, what we make is its own already. */
  owner?: Ids | undefined;
}

/** How many groups there may be in it. Each takes memory of the kernel's. */
const MOST_GROUPS = 1000;

/** `before`, when the group has its limits: v1 takes no rules for devices of one that is divided. */
export function delegateSteps({ machine, group, owner }: HandOver, files: Files = thisMachine): Step[] {
  if (!group.isDelegated) return [];
  const own = ownPart(group);
  const given = owner ? own.directories.filter(isShared) : [];
  return [
    ...group.directories.filter(({ version }) => version === 2).flatMap(mostGroupsSteps),
    ...createSteps(machine, own, true, files),
    ...given.flatMap((directory) => giveSteps(directory, owner!)),
  ];
}

function isShared({ version, controllers }: GroupDirectory): boolean {
  return version === 2 || controllers.every((name) => DELEGATED.includes(name));
}

function mostGroupsSteps({ directory }: GroupDirectory): Step[] {
  const path = `${directory}/cgroup.max.descendants`;
  return writeFileSteps({ path, data: String(MOST_GROUPS), as: "limit", why: "so many groups may be below" });
}

const FILES = {
  1: ["cgroup.procs", "tasks"],
  2: ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control"],
};

function giveSteps({ directory, version }: GroupDirectory, { uid, gid }: Ids): Step[] {
  const chown = (path: string, why: string) => step("fchownat", [AT.FDCWD, path, uid, gid, 0], { why });
  return [
    chown(directory, "root of the container may make groups in this one"),
    ...FILES[version].map((file) => chown(`${directory}/${file}`, "and move processes among them")),
  ];
}
