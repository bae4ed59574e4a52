// The options of a mount, as fstab, Docker and OCI bundles write them: one list in which three different things meet.
//
//   of the mount        ro nosuid nodev noexec noatime …   how this one view behaves (MOUNT_ATTR of mount_setattr(2))
//   of its propagation  rshared rslave rprivate …          who else hears of mounts below it
//   of the filesystem   size=64k mode=1777 sync …          what the filesystem itself is told when it is made
//
// A later option wins over an earlier one. An "r" in front of an attribute means: with all mounts below.

import { MOUNT_ATTR } from "../01-syscalls/index.ts";
import { PROPAGATIONS, type Propagation } from "./propagation.ts";

/** `size` ids from `containerID` on are those from `hostID` on. */
export interface IdRange {
  containerID: number;
  hostID: number;
  size: number;
}

/** One element of `mounts` in an OCI bundle. The source of a bind is a path on the host. */
export interface Mount {
  destination: string;
  type?: string;
  source?: string;
  options?: string[];
  /** Of a bind: it shows owners as a user namespace with this map would, which is the container's own. */
  uidMappings?: readonly IdRange[];
  gidMappings?: readonly IdRange[];
}

/** A mount with its options sorted out. */
export interface PlannedMount {
  mount: Mount;
  options: MountOptions;
}

/** A change of attributes, in the words of mount_setattr(2). */
export interface Change {
  set: number;
  clear: number;
}

export interface MountOptions {
  bind: "no" | "bind" | "rbind";
  /** For the mount itself, and for it with all below. */
  own: Change;
  recursive: Change;
  propagation?: Propagation;
  /** Owners are shown by a map: on the mount itself, or on all below it, too. */
  idmap?: "idmap" | "ridmap";
  /** Not a new mount: what is mounted there is changed. */
  remount?: true;
  /** Of a tmpfs: it begins with what it covers. See `PlanInput.hasHooks`. */
  copiesUp?: true;
  /** `key` or `key=value`, told to the filesystem. */
  filesystem: string[];
}

/** The access-time modes are one value in a field of bits; setting one clears the field. Zero is relatime. */
export const ATIME = MOUNT_ATTR.NOATIME | MOUNT_ATTR.STRICTATIME | 0x40;

const set = (flag: number): Change => ({ set: flag, clear: 0 });
const clear = (flag: number): Change => ({ set: 0, clear: flag });
const accessTime = (flag: number): Change => ({ set: flag, clear: ATIME });

const ATTRIBUTES = new Map<string, Change>(
  Object.entries({
    ro: set(MOUNT_ATTR.RDONLY),
    rw: clear(MOUNT_ATTR.RDONLY),
    nosuid: set(MOUNT_ATTR.NOSUID),
    suid: clear(MOUNT_ATTR.NOSUID),
    nodev: set(MOUNT_ATTR.NODEV),
    dev: clear(MOUNT_ATTR.NODEV),
    noexec: set(MOUNT_ATTR.NOEXEC),
    exec: clear(MOUNT_ATTR.NOEXEC),
    nosymfollow: set(MOUNT_ATTR.NOSYMFOLLOW),
    symfollow: clear(MOUNT_ATTR.NOSYMFOLLOW),
    nodiratime: set(MOUNT_ATTR.NODIRATIME),
    diratime: clear(MOUNT_ATTR.NODIRATIME),
    noatime: accessTime(MOUNT_ATTR.NOATIME),
    strictatime: accessTime(MOUNT_ATTR.STRICTATIME),
    relatime: accessTime(0),
    atime: accessTime(0),
    norelatime: accessTime(0),
    nostrictatime: accessTime(0),
  }),
);

/** What fstab knows and the kernel was never meant to hear, or no longer does. */
const SILENT = [
  "",
  "defaults",
  "silent",
  "loud",
  "auto",
  "noauto",
  "user",
  "nouser",
  "nofail",
  "_netdev",
  "mand",
  "nomand",
  "iversion",
  "noiversion",
];

/** Options of every filesystem. A bind shows a filesystem that exists already, so there they say nothing. */
const EVERY_FILESYSTEM = ["sync", "async", "dirsync", "lazytime", "nolazytime"];

export function planMount(mount: Mount): PlannedMount {
  return { mount, options: parseMountOptions(mount.options) };
}

export function isBind({ mount, options }: PlannedMount): boolean {
  return options.bind !== "no" || mount.type === "bind";
}

/** Sorts an option list. */
export function parseMountOptions(options: readonly string[] = []): MountOptions {
  const start: MountOptions = { bind: "no", own: set(0), recursive: set(0), filesystem: [] };
  return options.reduce(addOption, start);
}

/** Filesystem options that a bind can't have: it makes no filesystem. */
export function filesystemOnly({ filesystem }: MountOptions): string[] {
  return filesystem.filter((option) => !EVERY_FILESYSTEM.includes(option));
}

function addOption(all: MountOptions, option: string): MountOptions {
  if (option === "idmap" || option === "ridmap") return { ...all, idmap: option };
  if (option === "remount") return { ...all, remount: true };
  if (option === "tmpcopyup") return { ...all, copiesUp: true };
  if (option === "bind" || option === "rbind") return { ...all, bind: option };
  if (isPropagation(option)) return { ...all, propagation: option };
  const own = ATTRIBUTES.get(option);
  if (own) return { ...all, own: merge(all.own, own) };
  const recursive = option.startsWith("r") ? ATTRIBUTES.get(option.slice(1)) : undefined;
  if (recursive) return { ...all, recursive: merge(all.recursive, recursive) };
  if (SILENT.includes(option) || option.startsWith("x-")) return all;
  return { ...all, filesystem: [...all.filesystem, option] };
}

function isPropagation(option: string): option is Propagation {
  return Object.hasOwn(PROPAGATIONS, option);
}

function merge(earlier: Change, later: Change): Change {
  return { set: (earlier.set & ~later.clear) | later.set, clear: (earlier.clear & ~later.set) | later.clear };
}

/** Every option there is a word for; what else is said is told to the filesystem. */
export function knownOptions(): string[] {
  const own = [...ATTRIBUTES.keys()];
  const all = [...own, ...own.map((name) => `r${name}`), ...Object.keys(PROPAGATIONS), ...SILENT.filter(Boolean)];
  return [...all, ...EVERY_FILESYSTEM, "bind", "rbind", "idmap", "ridmap", "remount", "tmpcopyup"].sort();
}
