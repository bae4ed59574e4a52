// What a process has mounted, from /proc/PID/mountinfo, and which of that is the host's. See proc_pid_mountinfo(5).

import type { SeenMount } from "./seen.ts";

/** Their content is the kernel's, not somebody's files: the same one may be shown in many places. */
const VIEWS_OF_THE_KERNEL = ["proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts"];

interface Mounted extends Omit<SeenMount, "isHosts"> {
  device: string;
}

/** Where ROOTFS is in its filesystem, and which filesystems are the host's. */
export interface HostMounts {
  devices: Set<string>;
  rootfs: { device: string; path: string } | undefined;
}

/** `mountinfo` is the runtime's, and `rootfs` a path as the runtime sees it. */
export function hostMounts(mountinfo: string, rootfs: string): HostMounts {
  const all = mountsIn(mountinfo);
  const under = all.filter(({ target }) => isBelow(rootfs, target)).sort((a, b) => a.target.length - b.target.length);
  const home = under.at(-1);
  return {
    devices: new Set(all.filter(({ type }) => !VIEWS_OF_THE_KERNEL.includes(type)).map(({ device }) => device)),
    rootfs: home && { device: home.device, path: joined(home.root, rootfs.slice(home.target.length)) },
  };
}

export function seenMounts(mountinfo: string, host: HostMounts): SeenMount[] {
  return mountsIn(mountinfo).map(({ device, ...mount }) => ({
    ...mount,
    isHosts: isHosts({ device, ...mount }, host),
  }));
}

function isHosts({ device, root, target, type }: Mounted, { devices, rootfs }: HostMounts): boolean {
  if (!devices.has(device) || VIEWS_OF_THE_KERNEL.includes(type)) return false;
  if (rootfs && device === rootfs.device && isBelow(root, rootfs.path)) return false;
  // A node is mounted where none can be made: /dev/null on /dev/null.
  return !(target.startsWith("/dev/") && root !== "/");
}

function mountsIn(mountinfo: string): Mounted[] {
  return mountinfo.split("\n").filter(Boolean).map(mountIn);
}

function mountIn(line: string): Mounted {
  // Optional fields stand between the mount's own options and the dash.
  const [about = "", filesystem = ""] = line.split(" - ");
  const [id, parent, device = "", root = "", target = "", options = "", ...tags] = about.split(" ");
  const [type = "", source = ""] = filesystem.split(" ");
  return {
    id: Number(id),
    parent: Number(parent),
    device,
    root: plain(root),
    target: plain(target),
    type,
    source: plain(source),
    options: options.split(","),
    propagation: tags.join(" ") || "private",
  };
}

/** Spaces and a few others are written as `\040`. */
export function plain(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
}

export function isBelow(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

function joined(root: string, rest: string): string {
  return `${root}/${rest}`.replaceAll(/\/+/g, "/").replace(/(.)\/$/, "$1");
}
