// Processes as /proc tells of them: who there is, what they are called, and which of them is the probe. A process that ends
// while it is looked at is one that isn't there.

import { readdirSync, readFileSync } from "node:fs";

/** All process ids of the grader's world. */
export function allPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** A file of /proc/PID, or undefined: there is no such process, or we may not look. */
export function procText(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return undefined;
  }
}

/** A line of /proc/PID/status. */
export function statusLine(status: string, key: string): string | undefined {
  return new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(status)?.[1]?.trim();
}

export function nameOf(pid: number): string | undefined {
  return procText(pid, "comm")?.trimEnd();
}

/** One that has ended and wasn't waited for yet is gone, too. */
export function isRunning(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

/** Undefined where it is gone. Both are of the same moment. */
function parentOf(pid: number): number | undefined {
  const status = procText(pid, "status") ?? "";
  return /^[ZX]/.test(statusLine(status, "State") ?? "Z") ? undefined : Number(statusLine(status, "PPid"));
}

/**
 * The processes with this name that no other one of that name has started: a probe's own children aren't looked at.
 * `known` were there before, so none of them is it.
 */
export function processesNamed(name: string, known: ReadonlySet<number>): number[] {
  const found = new Map<number, number>();
  for (const pid of allPids().filter((each) => !known.has(each) && nameOf(each) === name)) {
    const parent = parentOf(pid);
    if (parent !== undefined) found.set(pid, parent);
  }
  return [...found].filter(([, parent]) => !found.has(parent)).map(([pid]) => pid);
}

/** Ends it, and whatever it has started, first. Those that were left by their parents, their names tell. */
export function killTree(pid: number): void {
  for (const child of allPids().filter((each) => parentOf(each) === pid)) killTree(child);
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** How often the kernel has killed somebody for want of memory since it was booted. */
export function memoryKills(): number {
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "latin1"))?.[1] ?? 0);
}

/** Whether it executes this program: "no", or "unknown" where we may not look. */
export function executes(pid: number, program: Buffer): "yes" | "no" | "unknown" {
  try {
    return readFileSync(`/proc/${pid}/exe`).equals(program) ? "yes" : "no";
  } catch {
    return "unknown";
  }
}
