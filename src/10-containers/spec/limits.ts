// Limits, from the words of Docker's flags to those of config.json's `linux.resources`: CPUs become a quota in each
// period of a tenth of a second, memory alone is doubled with swap, and devices are a list of what may be opened.

import type { Device } from "../../02-rootfs/index.ts";
import { DEFAULT_DEVICE_RULES, type DeviceRule, type Resources } from "../../04-cgroups/index.ts";
import { ALL } from "./host-devices.ts";
import type { DeviceRate, ResourceOptions, RunOptions } from "./options.ts";

/** Device numbers and permissions of the host's nodes, by path. */
export type HostDevices = Record<string, Device[]>;

/** What the kernel calls a period, and everybody's choice of one. */
const PERIOD_US = 100_000;

/** The limits that were asked for; what is not in there stays as it is. */
export function limits(options: ResourceOptions, hostDevices: HostDevices = {}): Resources {
  return {
    ...filled("memory", memory(options)),
    ...filled("cpu", cpu(options)),
    ...(options.pidsLimit !== undefined && { pids: { limit: options.pidsLimit > 0 ? options.pidsLimit : -1 } }),
    ...filled("blockIO", blockIo(options, hostDevices)),
  };
}

function memory(options: ResourceOptions): NonNullable<Resources["memory"]> {
  const { memoryBytes, memorySwapBytes, memoryReservationBytes, memorySwappiness, oomKillDisable } = options;
  const swap = memorySwapBytes || (memoryBytes && memoryBytes > 0 ? memoryBytes * 2 : undefined);
  return {
    ...(memoryBytes && { limit: memoryBytes }),
    ...(memoryReservationBytes && { reservation: memoryReservationBytes }),
    ...(swap && { swap }),
    ...(memorySwappiness !== undefined && { swappiness: memorySwappiness }),
    ...(oomKillDisable && { disableOOMKiller: true }),
  };
}

function cpu(options: ResourceOptions): NonNullable<Resources["cpu"]> {
  const { nanoCpus, cpuShares, cpuPeriodUs, cpuQuotaUs, cpusetCpus, cpusetMems } = options;
  return {
    ...(cpuShares && { shares: cpuShares }),
    ...(nanoCpus && { quota: Math.trunc((nanoCpus * PERIOD_US) / 1e9), period: PERIOD_US }),
    ...(cpuQuotaUs && { quota: cpuQuotaUs }),
    ...(cpuPeriodUs && { period: cpuPeriodUs }),
    ...(cpusetCpus && { cpus: cpusetCpus }),
    ...(cpusetMems && { mems: cpusetMems }),
  };
}

function blockIo(options: ResourceOptions, hostDevices: HostDevices): NonNullable<Resources["blockIO"]> {
  const throttles = (rates: DeviceRate[] | undefined): { major: number; minor: number; rate: number }[] =>
    (rates ?? []).flatMap(({ path, rate }) =>
      (hostDevices[path] ?? []).map(({ major = 0, minor = 0 }) => ({ major, minor, rate })),
    );
  return {
    ...(options.blkioWeight && { weight: options.blkioWeight }),
    ...filled("throttleReadBpsDevice", throttles(options.deviceReadBps)),
    ...filled("throttleWriteBpsDevice", throttles(options.deviceWriteBps)),
    ...filled("throttleReadIOPSDevice", throttles(options.deviceReadIops)),
    ...filled("throttleWriteIOPSDevice", throttles(options.deviceWriteIops)),
  };
}

/** `{ [key]: value }`, or nothing at all if there is nothing in `value`. */
function filled<K extends string, V extends object>(key: K, value: V): { [k in K]?: V } {
  return Object.keys(value).length > 0 ? ({ [key]: value } as { [k in K]?: V }) : {};
}

const EVERYTHING: DeviceRule[] = [{ allow: true, access: "rwm" }];

/** What may be opened: the usual devices and those asked for; everything in a privileged container. */
export function deviceRules(options: RunOptions, hostDevices: HostDevices): DeviceRule[] {
  if (options.privileged) return EVERYTHING;
  const asked = options.devices.flatMap(({ source, permissions }) =>
    (hostDevices[source] ?? []).map((device) => deviceRule(device, permissions)),
  );
  return [...DEFAULT_DEVICE_RULES, ...asked, ...options.deviceCgroupRules.map(parseDeviceRule)];
}

function deviceRule({ type, major = 0, minor = 0 }: Device, access: string): DeviceRule {
  return { allow: true, type: type === "b" ? "b" : "c", major, minor, access };
}

/** `c 10:* rw`: kind, numbers (`*` for all), letters. */
function parseDeviceRule(text: string): DeviceRule {
  const [type = "a", numbers = "", access = "rwm"] = text.split(" ");
  const [major = "*", minor = "*"] = numbers.split(":");
  return {
    allow: true,
    type: type as "a" | "b" | "c",
    ...(major !== "*" && { major: Number(major) }),
    ...(minor !== "*" && { minor: Number(minor) }),
    access,
  };
}

/**
 * The nodes to be made in /dev: what was asked for, under the name it was asked for; a directory brings all it has. A
 * privileged container has all of the host's.
 */
export function deviceNodes(options: RunOptions, hostDevices: HostDevices): Device[] {
  const asked = options.devices.flatMap(({ source, target }) =>
    (hostDevices[source] ?? []).map((device) => ({ ...device, path: target + device.path.slice(source.length) })),
  );
  return options.privileged ? [...(hostDevices[ALL] ?? []), ...asked] : asked;
}
