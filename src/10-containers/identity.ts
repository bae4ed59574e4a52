// Which process do we mean? The kernel reuses pids, and forgets them all at boot. A pid together with the moment the
// process started and the id of this boot names one process for good. See proc_pid_stat(5), field 22.

import { readFileSync } from "node:fs";

export interface ProcessId {
  pid: number;
  /** Clock ticks after boot, as a decimal. */
  startTime: string;
  bootId: string;
}

/** The identity of a living process; undefined when there is none (a zombie has ended). */
export function identify(pid: number): ProcessId | undefined {
  const fields = statOf(pid);
  if (!fields || fields[0] === "Z" || fields[0] === "X") return undefined;
  return { pid, startTime: fields[19]!, bootId: bootId() };
}

/** Whether it has something to do, and so is on a processor or waits for one. */
export function isBusy(pid: number): boolean {
  return statOf(pid)?.[0] === "R";
}

/** From the third field on. The second is the program's name in parentheses and may hold spaces and parentheses itself. */
function statOf(pid: number): string[] | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

export function isAlive(process: ProcessId | undefined): process is ProcessId {
  if (!process || process.bootId !== bootId()) return false;
  return identify(process.pid)?.startTime === process.startTime;
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return boot;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
