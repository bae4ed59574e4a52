// What a group uses, in the units of `docker stats`. A part is missing where the group has no such controller.
//
//               v1                                           v2
//   memory      memory.usage_in_bytes                        memory.current
//   cpu         cpuacct.usage (ns)                           cpu.stat usage_usec, in every group
//   pids        pids.current                                 pids.current
//   disk        blkio.throttle.io_service_bytes_recursive    io.stat
//
// Memory is what a container could not give back: files it read once and not lately (inactive_file) are in its count,
// but the kernel takes them away as soon as anybody needs the room. Docker leaves them out, and so do we.

import { parseFlat, parseLimit, parseNested, readText } from "./files.ts";
import { findDirectory, type Group, v2Directory } from "./group.ts";

export interface Stats {
  memory?: MemoryStats;
  cpu?: CpuStats;
  pids?: PidsStats;
  io?: IoStats;
}

export interface MemoryStats {
  /** Without what could be dropped at once. */
  usedBytes: number;
  /** With it, as the kernel compares it with the limit. */
  countedBytes: number;
  /** The most it was at any time; from Linux 5.19 on v2. */
  peakBytes?: number;
  /** Missing: no limit but the machine's memory. */
  limitBytes?: number;
}

/** Since the group was made. Throttling is counted where there is a quota. */
export interface CpuStats {
  usageNs: number;
  userNs: number;
  systemNs: number;
  periods: number;
  throttledPeriods: number;
  throttledNs: number;
}

export interface PidsStats {
  current: number;
  limit?: number;
}

/** Of all disks together. */
export interface IoStats {
  readBytes: number;
  writeBytes: number;
  readOperations: number;
  writeOperations: number;
}

/** A group that is gone has no statistics at all: `{}`. */
export function readStats(group: Group): Stats {
  const parts = { memory: memoryStats(group), cpu: cpuStats(group), pids: pidsStats(group), io: ioStats(group) };
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}

// ---- memory

function memoryStats(group: Group): MemoryStats | undefined {
  const directory = findDirectory(group, "memory");
  if (directory === undefined) return undefined;
  const read = (file: string) => readText(`${directory}/${file}`);
  const v2 = read("memory.current");
  const counted = v2 ?? read("memory.usage_in_bytes");
  if (counted === undefined) return undefined;
  const stat = parseFlat(read("memory.stat"));
  const droppable = (v2 === undefined ? stat.total_inactive_file : stat.inactive_file) ?? 0;
  const peak = read(v2 === undefined ? "memory.max_usage_in_bytes" : "memory.peak");
  const limit = parseLimit(read(v2 === undefined ? "memory.limit_in_bytes" : "memory.max"));
  return {
    usedBytes: Math.max(0, Number(counted) - droppable),
    countedBytes: Number(counted),
    ...(peak !== undefined && { peakBytes: Number(peak) }),
    ...(limit !== undefined && { limitBytes: limit }),
  };
}

// ---- cpu

function cpuStats(group: Group): CpuStats | undefined {
  const used = cpuUsed(group);
  if (used === undefined) return undefined;
  const directory = findDirectory(group, "cpu");
  const stat = directory === undefined ? {} : parseFlat(readText(`${directory}/cpu.stat`));
  return {
    ...used,
    periods: stat.nr_periods ?? 0,
    throttledPeriods: stat.nr_throttled ?? 0,
    // v1 counts in nanoseconds, v2 in microseconds.
    throttledNs: stat.throttled_time ?? (stat.throttled_usec ?? 0) * 1000,
  };
}

function cpuUsed(group: Group): Pick<CpuStats, "usageNs" | "userNs" | "systemNs"> | undefined {
  const v2 = v2Directory(group);
  const { usage_usec, user_usec = 0, system_usec = 0 } = parseFlat(v2 && readText(`${v2}/cpu.stat`));
  if (usage_usec !== undefined) {
    return { usageNs: usage_usec * 1000, userNs: user_usec * 1000, systemNs: system_usec * 1000 };
  }
  const v1 = findDirectory(group, "cpuacct");
  const number = (file: string) => Number(readText(`${v1}/cpuacct.${file}`) ?? 0);
  if (v1 === undefined || readText(`${v1}/cpuacct.usage`) === undefined) return undefined;
  return { usageNs: number("usage"), userNs: number("usage_user"), systemNs: number("usage_sys") };
}

// ---- processes

function pidsStats(group: Group): PidsStats | undefined {
  const directory = findDirectory(group, "pids");
  const current = directory && readText(`${directory}/pids.current`);
  if (current === undefined) return undefined;
  const limit = parseLimit(readText(`${directory}/pids.max`));
  return { current: Number(current), ...(limit !== undefined && { limit }) };
}

// ---- disks

function ioStats(group: Group): IoStats | undefined {
  const v2 = findDirectory(group, "io");
  const v1 = findDirectory(group, "blkio");
  if (v2 !== undefined) return ioV2(readText(`${v2}/io.stat`));
  return v1 === undefined ? undefined : ioV1(v1);
}

function ioV2(text: string | undefined): IoStats | undefined {
  if (text === undefined) return undefined;
  const disks = parseNested(text);
  const sum = (name: string) => disks.reduce((total, disk) => total + Number(disk[name] ?? 0), 0);
  return {
    readBytes: sum("rbytes"),
    writeBytes: sum("wbytes"),
    readOperations: sum("rios"),
    writeOperations: sum("wios"),
  };
}

/** `8:0 Read 4096`, a line for each disk and direction. */
function ioV1(directory: string): IoStats | undefined {
  const read = (file: string) => readText(`${directory}/blkio.throttle.${file}_recursive`);
  const bytes = read("io_service_bytes");
  if (bytes === undefined) return undefined;
  const operations = read("io_serviced") ?? "";
  const sum = (text: string, direction: string) =>
    [...text.matchAll(new RegExp(`^\\S+ ${direction} (\\d+)$`, "gm"))].reduce((total, [, n]) => total + Number(n), 0);
  return {
    readBytes: sum(bytes, "Read"),
    writeBytes: sum(bytes, "Write"),
    readOperations: sum(operations, "Read"),
    writeOperations: sum(operations, "Write"),
  };
}
