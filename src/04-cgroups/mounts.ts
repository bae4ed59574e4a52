// Groups as the container sees them, at /sys/fs/cgroup. In a cgroup namespace (cgroup_namespaces(7)) a freshly made
// mount begins at the group the process was in when the namespace was made: the container's own group is its `/`.
//
// That holds for a hierarchy the container has a group in. In any other it still is where its parent was, and such a
// mount would show the host's groups; so only the group's own hierarchies are mounted. Where the machine has v2 alone
// that is one mount; otherwise a small tmpfs holds a directory for each, as on the host:
//
//   /sys/fs/cgroup               tmpfs
//   /sys/fs/cgroup/cpu,cpuacct   cgroup, both controllers in one hierarchy
//   /sys/fs/cgroup/cpu           → cpu,cpuacct
//   /sys/fs/cgroup/unified       cgroup2

import { basename } from "node:path";
import {
  MOUNT_ATTR,
  mountSetattrStep,
  openTreeStep,
  type Ref,
  reg,
  type Step,
  symlinkStep,
} from "../01-syscalls/index.ts";
import { directorySteps, hangSteps, type Mount, newFilesystemSteps, parseMountOptions } from "../02-rootfs/index.ts";
import { leafSteps } from "./delegate.ts";
import type { Group, GroupDirectory } from "./group.ts";

/**
 * `inside`: mounts the group's hierarchies for the mount of type "cgroup" in a bundle, after unshare(CLONE_NEWCGROUP).
 * Without a namespace of its own (`isPrivate` false) the container gets a view of the host's mounts: a new mount would
 * be one of the host's, and change its options. A container without a group sees none: no steps.
 */
export function cgroupMountSteps(mount: Mount, group: Group, isPrivate = true): Step[] {
  const { destination } = mount;
  const attributes = parseMountOptions(mount.options).own.set;
  const hang = (one: GroupDirectory, path: string, after?: string) => [
    ...(isPrivate ? hierarchySteps(one, attributes) : []),
    ...directorySteps(path, after),
    ...hangSteps(isPrivate ? reg("mount") : viewOf(one)),
    ...(isPrivate && group.isDelegated && one.version === 2 ? leafSteps(one, path) : []),
  ];
  const [first, ...others] = group.directories;
  if (first === undefined) return [];
  // Before anything is hung, as that may hide what is to be viewed.
  const views = isPrivate ? [] : group.directories.flatMap((each) => viewSteps(each, attributes));
  if (first.version === 2 && others.length === 0) return [...views, ...hang(first, destination)];
  return [
    ...views,
    ...shelfSteps(destination),
    ...group.directories.flatMap((each) => [
      ...hang(each, `${destination}/${nameOf(each)}`, destination),
      ...linkSteps(each, destination),
    ]),
    ...closeShelfSteps(destination, attributes),
  ];
}

/** Register `mount`: the hierarchy, from this namespace's root. v1 is told by its controllers which one is meant. */
function hierarchySteps({ version, controllers }: GroupDirectory, attributes: number): Step[] {
  const type = version === 2 ? "cgroup2" : "cgroup";
  return newFilesystemSteps({ type, settings: [`source=${type}`, ...(version === 2 ? [] : controllers)], attributes });
}

function viewSteps(directory: GroupDirectory, attributes: number): Step[] {
  const mount = viewOf(directory);
  return [
    openTreeStep({ path: viewedOf(directory), why: "a view of the host's groups", as: mount.reg }),
    mountSetattrStep({ mount, set: attributes, why: "what may be done with them" }),
  ];
}

/** v1's files are the same everywhere, so its own group can stand for all; on v2 only the top looks like one. */
function viewedOf({ version, directory, mountPoint }: GroupDirectory): string {
  return version === 1 ? directory : mountPoint;
}

function viewOf(directory: GroupDirectory): Ref {
  return reg(`${nameOf(directory)}-view`);
}

/** Programs look for a hierarchy under the name it has on the host, or under a controller's. */
function nameOf({ mountPoint }: GroupDirectory): string {
  return basename(mountPoint);
}

function shelfSteps(destination: string): Step[] {
  const attributes = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC;
  return [
    ...newFilesystemSteps({ type: "tmpfs", settings: ["source=tmpfs", "mode=755"], attributes }),
    ...directorySteps(destination),
    ...hangSteps(),
  ];
}

function linkSteps(directory: GroupDirectory, destination: string): Step[] {
  const target = nameOf(directory);
  const names = directory.version === 1 ? directory.controllers.filter((name) => name !== target) : [];
  if (names.length === 0) return [];
  return [
    ...directorySteps(destination, destination),
    ...names.map((path) =>
      symlinkStep({ target, dir: reg("target"), path, why: "the same hierarchy, under this name too" }),
    ),
  ];
}

/** Only now: names could not have been added before. */
function closeShelfSteps(destination: string, attributes: number): Step[] {
  if ((attributes & MOUNT_ATTR.RDONLY) === 0) return [];
  return [
    ...directorySteps(destination, destination),
    mountSetattrStep({ mount: reg("target"), set: MOUNT_ATTR.RDONLY, why: "nothing is added to it any more" }),
  ];
}
