// A device node is a name for two numbers: which driver, and which of its devices. The container's nodes are made anew,
// so of the host's we need the numbers, the kind and the permissions. See stat(2), makedev(3).

import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import type { Device } from "../../02-rootfs/index.ts";
import type { HostDevices } from "./limits.ts";
import type { RunOptions } from "./options.ts";

/** Where all of them are. */
export const ALL = "/dev";

/** What a privileged container gets instead of the host's: its own. */
const OWN = new Set(["/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/console", "/dev/ptmx", "/dev/fd"]);

/** Looks up every device `options` names; all there are for a privileged container. Throws UserError if one isn't there. */
export function findHostDevices(options: RunOptions): HostDevices {
  const { devices, deviceReadBps = [], deviceWriteBps = [], deviceReadIops = [], deviceWriteIops = [] } = options;
  const limited = [...deviceReadBps, ...deviceWriteBps, ...deviceReadIops, ...deviceWriteIops];
  const named = [...devices.map((device) => device.source), ...limited.map((limit) => limit.path)];
  const paths = options.privileged ? [ALL, ...named] : named;
  return Object.fromEntries(paths.map((path) => [path, findDevices(path)]));
}

function findDevices(path: string): Device[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return devicesBelow(path);
  const found = stats && deviceOf(path, stats);
  if (found) return found;
  const problem = stats ? "not a device node" : "no such file or directory";
  throw new UserError(`error gathering device information while adding custom device "${path}": ${problem}`);
}

function devicesBelow(directory: string): Device[] {
  const paths = readdirSync(directory).map((name) => `${directory}/${name}`);
  return paths.filter((path) => !OWN.has(path)).flatMap(devicesAt);
}

/** Links are left out: what they lead to is found under its own name. */
function devicesAt(path: string): Device[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return devicesBelow(path);
  return (stats && deviceOf(path, stats)) ?? [];
}

/** undefined for what is no device: a socket, a link, a file. */
function deviceOf(path: string, stats: Stats): Device[] | undefined {
  const type = stats.isCharacterDevice() ? "c" : stats.isBlockDevice() ? "b" : undefined;
  if (type === undefined) return undefined;
  const { uid, gid } = stats;
  return [{ path, type, ...deviceNumbers(stats.rdev), fileMode: stats.mode & 0o7777, uid, gid }];
}

/** Undoes makedev(3): the minor's upper bits sit above the major. */
function deviceNumbers(device: number): { major: number; minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}
