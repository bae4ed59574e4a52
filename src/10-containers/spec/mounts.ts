// A root filesystem from an image is files only. What makes it a running system is mounted over it: the kernel's own
// views (/proc, /sys, cgroups), a private /dev, the three files of the network, and what the person asked for.
// The list has the shape of config.json's `mounts`, its order is the order of mounting; the choice is Docker's.

import type { Mount } from "../../02-rootfs/index.ts";
import { hasUserNamespace, isHost, joinedContainer, type Owner, ownMap } from "./namespaces.ts";
import type { MountOption, RunOptions } from "./options.ts";
import { hasInit, INIT_PATH } from "./process.ts";

/** Files of the host that are bound into the container. */
export interface BoundFiles {
  hosts: string;
  hostname: string;
  resolvConf: string;
  /** The reaper that `--init` starts. */
  init: string;
  /** The other container's /dev/shm, where an IPC namespace is joined. */
  shm?: string;
  /** What volumes are made of, by where they are seen. */
  volumes?: ReadonlyMap<string, VolumeBind>;
}

export type VolumeBind = Required<Pick<Mount, "type" | "source" | "options">>;

const DEFAULT_SHM_BYTES = 64 * 1024 * 1024;

/** Everything that is mounted over the image, in order. A mount of the person's own takes the place of ours. */
export function mountList(options: RunOptions, files: BoundFiles, owner: Owner): Mount[] {
  const isOwned = ({ idmap, type }: MountOption) => idmap || (type === "volume" && !owner.isSingle);
  const asked = options.mounts.map((mount) => ({ ...askedMount(mount, files), ...(isOwned(mount) && ownMap(owner)) }));
  const isFree = ({ destination }: Mount) => !asked.some((mount) => covers(mount.destination, destination));
  const adapt = (mount: Mount) =>
    forUserNamespace(forReadOnlyRoot(forPrivileged(mount, options), options), options, owner);
  const kernel = [...kernelMounts(), ...shmMount(options, files)].filter(isFree).map(adapt);
  const ours = [...initMount(options, files), ...networkFiles(files).map((mount) => forScratch(mount, options))];
  const own = ours
    .map((mount) => ({ ...mount, ...(!owner.isSingle && ownMap(owner)) }))
    .filter(isFree)
    .map(adapt);
  return [...kernel, ...byDepth([...asked, ...own])];
}

function kernelMounts(): Mount[] {
  return [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
    { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro", "nosuid", "noexec", "nodev"] },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  ];
}

/** Shared memory goes with the IPC namespace: whose semaphores one shares, their /dev/shm too. */
function shmMount(options: RunOptions, files: BoundFiles): Mount[] {
  const destination = "/dev/shm";
  if (options.ipc === "none") return [];
  if (isHost(options.ipc)) return [bind("/dev/shm", destination)];
  if (joinedContainer(options.ipc) !== undefined && files.shm) return [sharedShm(files.shm)];
  const size = `size=${options.shmSizeBytes ?? DEFAULT_SHM_BYTES}`;
  return [{ destination, type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777", size] }];
}

/** `source` is the other container's. */
export function sharedShm(source: string): Mount {
  return bind(source, "/dev/shm");
}

function initMount(options: RunOptions, files: BoundFiles): Mount[] {
  return hasInit(options)
    ? [{ destination: INIT_PATH, type: "bind", source: files.init, options: ["bind", "ro"] }]
    : [];
}

function networkFiles(files: BoundFiles): Mount[] {
  return [
    bind(files.resolvConf, "/etc/resolv.conf"),
    bind(files.hostname, "/etc/hostname"),
    bind(files.hosts, "/etc/hosts"),
  ];
}

function bind(source: string, destination: string): Mount {
  return { destination, type: "bind", source, options: ["rbind", "rprivate"] };
}

// ---- what was asked for

function askedMount(mount: MountOption, { volumes }: BoundFiles): Mount {
  const volume = volumes?.get(mount.target);
  if (volume) return askedVolume(mount, volume);
  return mount.type === "tmpfs" ? askedTmpfs(mount) : askedBind(mount);
}

function askedVolume({ target, readOnly }: MountOption, { options, ...made }: VolumeBind): Mount {
  return { destination: target, ...made, options: [...options, ...(readOnly ? ["rro"] : []), "rprivate"] };
}

function askedBind(mount: MountOption): Mount {
  const options = [
    mount.nonRecursive ? "bind" : "rbind",
    // Recursively, or a mount below a read-only folder would still be writable.
    ...(mount.readOnly ? ["rro"] : []),
    mount.propagation ?? "rprivate",
  ];
  return { destination: mount.target, type: "bind", source: mount.source ?? "", options };
}

function askedTmpfs(mount: MountOption): Mount {
  const options = [...(mount.readOnly ? ["ro"] : []), ...(mount.options ?? [])];
  return {
    destination: mount.target,
    type: "tmpfs",
    source: "tmpfs",
    options: mergeFlags(["noexec", "nosuid", "nodev"], options),
  };
}

/** `exec` takes `noexec` out and the other way round; of two values of one key the last stays. */
function mergeFlags(defaults: string[], options: string[]): string[] {
  return options.reduce((merged, option) => [...merged.filter((other) => !excludes(option, other)), option], defaults);
}

function excludes(option: string, other: string): boolean {
  const key = (text: string) =>
    text
      .replace(/^no/, "")
      .replace(/^r[ow]$/, "rw")
      .split("=")[0];
  return key(option) === key(other);
}

/** Whoever brings a /dev brings all that is in it. */
function covers(asked: string, ours: string): boolean {
  return asked === ours || (asked === "/dev" && ours.startsWith("/dev/"));
}

/** What contains comes before what is contained, or it would hide it. */
function byDepth(mounts: Mount[]): Mount[] {
  const depth = ({ destination }: Mount) => destination.split("/").length;
  return mounts.toSorted((one, other) => depth(one) - depth(other));
}

// ---- what depends on the rest of the container

/** A privileged container may change the kernel's settings and its own cgroup; that also one that is to divide it. */
function forPrivileged(mount: Mount, options: RunOptions): Mount {
  if (options.delegateCgroups && mount.type === "cgroup") return without(mount, "ro");
  if (!options.privileged || !mount.destination.startsWith("/sys")) return mount;
  return without(mount, "ro");
}

/** What it writes is to be kept in memory, and these are files on the host's disk. */
function forScratch(mount: Mount, { scratchBytes }: RunOptions): Mount {
  return scratchBytes === undefined ? mount : { ...mount, options: [...(mount.options ?? []), "ro"] };
}

/** With --read-only all that is ours follows, except where programs must write: /proc/self, terminals, shared memory. */
function forReadOnlyRoot(mount: Mount, options: RunOptions): Mount {
  if (!options.readOnly || /^\/(proc|dev(\/.*)?)$/.test(mount.destination)) return mount;
  return { ...without(mount, "ro"), options: [...(without(mount, "ro").options ?? []), "ro"] };
}

/**
 * In a user namespace only root's id may exist, so no group 5 for terminals; and what shows a namespace that is still
 * the host's may not be mounted anew, only bound. See user_namespaces(7), "interaction with other namespaces".
 */
function forUserNamespace(mount: Mount, options: RunOptions, owner: Owner): Mount {
  if (!hasUserNamespace(options, owner)) return owner.isOneId ? without(mount, "gid=5") : mount;
  const shown = { proc: options.pid, sysfs: options.network, cgroup: options.cgroupns, mqueue: options.ipc };
  const isHosts = mount.type !== undefined && mount.type in shown && isHost(shown[mount.type as keyof typeof shown]);
  if (isHosts)
    return { ...mount, type: "bind", source: mount.destination, options: ["rbind", ...(mount.options ?? [])] };
  return without(mount, "gid=5");
}

function without(mount: Mount, option: string): Mount {
  return { ...mount, options: (mount.options ?? []).filter((other) => other !== option) };
}
