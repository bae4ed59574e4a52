// Groups that a container may divide itself. It gets a part of the tree: root of the container owns one directory, and the
// files with which processes are moved and controllers handed down (cgroups(7), "Cgroups delegation"; the kernel's
// cgroup-v2.rst, "Delegation Containment"). Nothing else in it is his, and what limits him is in the group above, which he
// can't even see: his cgroup namespace begins below.
//
//   /mini-docker/3f             limits: written from outside
//   /mini-docker/3f/own         `/` of the container's cgroup namespace, its root's to divide
//   /mini-docker/3f/own/init    v2: its processes, since a group with processes hands nothing down
//   /mini-docker/3f/own/…       what it makes
//
// Who made the part already owns it: an ordinary user whose container has one user, who is him.

import { mkdirStep, O, openInRootStep, reg, type Step, writeFileSteps } from "../01-syscalls/index.ts";
import { ROOTFS } from "../02-rootfs/index.ts";
import type { Group, GroupDirectory } from "./group.ts";
import { type Machine, v2Base } from "./machine.ts";

/** What a container gets a hand in, by v1's and v2's names. Not devices: only the host's root has a say in those. */
export const DELEGATED = ["memory", "pids", "cpu", "cpuacct", "cpuset", "blkio", "io", "freezer"];

/**
 * The controllers that such a group is to have, besides those it needs itself. cpuset is switched on by the host's root
 * only: the kernel then asks whether each process that is in the tree already may be moved, and an ordinary user may be
 * in a session that some of root's began.
 */
export function delegatedControllers(needs: string[], machine: Machine): string[] {
  const isOn = machine.isHostRoot || v2Base(machine)?.enabled.includes("cpuset");
  return [...new Set([...needs, ...DELEGATED.filter((name) => name !== "cpuset" || isOn)])];
}

const OWN = "own";
const LEAF = "init";

/** The group in which the container begins: itself, or the part of it that is the container's own. */
export function ownPart(group: Group): Group {
  if (!group.isDelegated) return group;
  const directories = group.directories.map((each) => ({ ...each, directory: `${each.directory}/${OWN}` }));
  return { ...group, path: `${group.path}/${OWN}`, directories };
}

/** `inside`, once the v2 hierarchy is mounted on `destination`: its first process goes into a leaf, and the rest is free. */
export function leafSteps({ controllers }: GroupDirectory, destination: string): Step[] {
  const top = reg("top");
  const flags = O.PATH | O.DIRECTORY;
  const enable = controllers.map((name) => `+${name}`).join(" ");
  return [
    openInRootStep({
      root: ROOTFS,
      path: destination,
      flags,
      why: "the top of the container's own groups",
      as: top.reg,
    }),
    mkdirStep({ dir: top, path: LEAF, mode: 0o755, why: "a group that is not divided" }),
    ...writeFileSteps({
      dir: top,
      path: `${LEAF}/cgroup.procs`,
      data: "0",
      as: "leaf",
      why: "for all that runs so far",
    }),
    ...(enable === ""
      ? []
      : writeFileSteps({
          dir: top,
          path: "cgroup.subtree_control",
          data: enable,
          as: "subtree",
          why: "and the top can be",
        })),
  ];
}
