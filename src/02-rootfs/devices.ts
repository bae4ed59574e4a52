// A device node is a name for a driver: a kind (character or block) and two numbers. A container gets the handful that
// every program expects; what other nodes it could use is for the device cgroup to say (04-cgroups).
//
// Making a node needs the host's CAP_MKNOD. In a user namespace nobody has it, so there the host's nodes are mounted.

import { basename, dirname } from "node:path";
import {
  AT,
  mknodStep,
  O,
  openInRootStep,
  openTreeStep,
  reg,
  S,
  type Step,
  step,
  symlinkStep,
  UserError,
} from "../01-syscalls/index.ts";
import { directorySteps, fileSteps, hangSteps, TARGET } from "./destination.ts";
import { ROOTFS } from "./pivot.ts";

/** One element of `linux.devices` in an OCI bundle. `fileMode` is 0666 unless said. */
export interface Device {
  type: string;
  path: string;
  major?: number;
  minor?: number;
  fileMode?: number;
  uid?: number;
  gid?: number;
}

export interface DeviceSurroundings {
  /** In a user namespace, the container's or ours: nodes can't be made, the host's are mounted. */
  userns?: boolean;
  /** Nothing was mounted on /dev: what the image has under a device's name makes way. */
  overImage?: boolean;
  /** /dev is a folder of the host: what is in it is its owner's business, and nothing is made there. */
  isBound?: boolean;
}

/** The devices an OCI runtime supplies without being asked (config-linux.md, "Default Devices"). */
export const DEFAULT_DEVICES: readonly Device[] = [
  { type: "c", path: "/dev/null", major: 1, minor: 3 },
  { type: "c", path: "/dev/zero", major: 1, minor: 5 },
  { type: "c", path: "/dev/full", major: 1, minor: 7 },
  { type: "c", path: "/dev/random", major: 1, minor: 8 },
  { type: "c", path: "/dev/urandom", major: 1, minor: 9 },
  { type: "c", path: "/dev/tty", major: 5, minor: 0 },
];

const LINKS = [
  { path: "/dev/fd", target: "/proc/self/fd" },
  { path: "/dev/stdin", target: "/proc/self/fd/0" },
  { path: "/dev/stdout", target: "/proc/self/fd/1" },
  { path: "/dev/stderr", target: "/proc/self/fd/2" },
  { path: "/dev/core", target: "/proc/kcore" },
  // A terminal is asked for at ptmx, and belongs to the devpts mounted beside it.
  { path: "/dev/ptmx", target: "pts/ptmx" },
];

const KINDS: Record<string, number> = { c: S.IFCHR, u: S.IFCHR, b: S.IFBLK, p: S.IFIFO };

/** The default devices, those in `devices` (one of the same path replaces a default) and the usual links of /dev. */
export function deviceSteps(devices: readonly Device[] = [], surroundings: DeviceSurroundings = {}): Step[] {
  if (surroundings.isBound) return [];
  const all = [...new Map([...DEFAULT_DEVICES, ...devices].map((device) => [device.path, device])).values()];
  return [
    step("umask", [0], { why: "modes are meant as they are written" }),
    ...all.flatMap((device, index) => oneDeviceSteps(device, surroundings, all[index - 1]?.path)),
    ...linkSteps(),
    step("umask", [0o022], { why: "the usual mask again" }),
  ];
}

function oneDeviceSteps(device: Device, { userns, overImage }: DeviceSurroundings, before?: string): Step[] {
  if (userns) return mountedDeviceSteps(device, before);
  const folder = dirname(device.path);
  // The register still holds the folder when the last device was in the same.
  const toFolder = before !== undefined && dirname(before) === folder ? [] : directorySteps(folder, before);
  return [...toFolder, ...(overImage ? [removeStep(device)] : []), nodeStep(device), ...ownerSteps(device)];
}

function nodeStep(device: Device): Step {
  const kind = KINDS[device.type];
  if (kind === undefined) throw new UserError(`no device type "${device.type}" for ${device.path}: use c, b or p`);
  const mode = kind | ((device.fileMode ?? 0o666) & 0o7777);
  const number = deviceNumber(device.major ?? 0, device.minor ?? 0);
  return mknodStep({ dir: TARGET, path: basename(device.path), mode, device: number, why: "a name for a driver" });
}

function removeStep({ path }: Device): Step {
  const why = "what the image has there is not what it seems";
  return step("unlinkat", [TARGET, basename(path), 0], { why, allow: ["ENOENT"] });
}

function ownerSteps({ path, uid = 0, gid = 0 }: Device): Step[] {
  if (uid === 0 && gid === 0) return [];
  const args = [TARGET, basename(path), uid, gid, AT.SYMLINK_NOFOLLOW];
  return [step("fchownat", args, { why: "the device's owner" })];
}

function mountedDeviceSteps({ path }: Device, before?: string): Step[] {
  return [
    openTreeStep({ path, why: "a view of the host's device", as: "mount" }),
    ...fileSteps(path, before),
    ...hangSteps(),
  ];
}

function linkSteps(): Step[] {
  const flags = O.PATH | O.DIRECTORY;
  return [
    openInRootStep({ root: ROOTFS, path: "/dev", flags, why: "links that programs expect", as: "dev" }),
    ...LINKS.map(({ path, target }) =>
      symlinkStep({ target, dir: reg("dev"), path: basename(path), why: "by convention", allow: ["EEXIST"] }),
    ),
  ];
}

/** How the kernel packs the two numbers into one (new_encode_dev in include/linux/kdev_t.h). */
export function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
