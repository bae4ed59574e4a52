// What a container uses of the machine. The kernel counts processor time from the group's beginning, so a share of it takes
// two looks and the time between them; the rest is as it is now. See stage 04, stats.ts, and proc_pid_net(5).

import { totalmem } from "node:os";
import { readStats, type Stats } from "../../04-cgroups/index.ts";
import type { Container } from "../container.ts";
import { readText } from "../files.ts";
import { isAlive } from "../identity.ts";
import { isHost } from "../spec/namespaces.ts";

/** One look. */
export interface Sample {
  atNs: bigint;
  stats: Stats;
  network: Transfer;
  /** False for a container that runs outside of any group, as an ordinary user's may: then nobody counts. */
  isCounted: boolean;
}

/** Bytes in, bytes out. */
export interface Transfer {
  read: number;
  written: number;
}

export interface Usage {
  /** As in a sample; the numbers are 0 where it isn't so. */
  isCounted: boolean;
  /** Of one processor: two that are busy make 200. */
  cpuPercent: number;
  memoryBytes: number;
  /** The machine's memory where the container has no limit; 0 where nothing runs. */
  memoryLimitBytes: number;
  memoryPercent: number;
  network: Transfer;
  block: Transfer;
  pids: number;
}

/** A container that isn't running uses nothing. */
export function takeSample({ state, record }: Container): Sample {
  const isRunning = isAlive(state.process);
  const { directories = [] } = state.group ?? {};
  const isCounted = !isRunning || directories.length > 0;
  return {
    atNs: process.hrtime.bigint(),
    isCounted,
    stats: isRunning && isCounted ? readStats(state.group!) : {},
    // The host's traffic is not the container's.
    network: isRunning && !isHost(record.options.network) ? networkOf(state.process!.pid) : { read: 0, written: 0 },
  };
}

export function usageBetween(before: Sample, now: Sample): Usage {
  const { memory, io, pids } = now.stats;
  const limit = memory ? Math.min(memory.limitBytes ?? totalmem(), totalmem()) : 0;
  const used = memory?.usedBytes ?? 0;
  return {
    isCounted: now.isCounted,
    cpuPercent: cpuPercent(before, now),
    memoryBytes: used,
    memoryLimitBytes: limit,
    memoryPercent: limit > 0 ? (used / limit) * 100 : 0,
    network: now.network,
    block: { read: io?.readBytes ?? 0, written: io?.writeBytes ?? 0 },
    pids: pids?.current ?? 0,
  };
}

/** A group that was made anew in between has counted less than before. */
function cpuPercent(before: Sample, now: Sample): number {
  const passedNs = Number(now.atNs - before.atNs);
  const usedNs = (now.stats.cpu?.usageNs ?? 0) - (before.stats.cpu?.usageNs ?? 0);
  return before.stats.cpu && passedNs > 0 ? Math.max(0, (usedNs / passedNs) * 100) : 0;
}

/** `eth0: 1024 8 0 0 0 0 0 0 2048 …`: bytes received come first, bytes sent ninth. */
function networkOf(pid: number): Transfer {
  const lines = (readText(`/proc/${pid}/net/dev`) ?? "").split("\n").filter((line) => /^\s*(?!lo:)[^\s:]+:/.test(line));
  const counters = lines.map((line) =>
    line
      .slice(line.indexOf(":") + 1)
      .trim()
      .split(/\s+/)
      .map(Number),
  );
  const sum = (column: number) => counters.reduce((total, counts) => total + (counts[column] ?? 0), 0);
  return { read: sum(0), written: sum(8) };
}
