// Every process of this machine and the worlds they are in, from /proc alone: a container is found by what the kernel says
// of its processes, whoever made it. NSpid of proc_pid_status(5) has a process's numbers in all pid namespaces from ours
// inward; the process that is number 1 in its innermost is the first of a world.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ProcessRow, World } from "../messages.ts";

export interface Seen {
  worlds: Omit<World, "name">[];
  processes: ProcessRow[];
}

type Fixed = Pick<ProcessRow, "pids" | "world" | "command">;

/** Looks again and again; what of a process never changes is read once. */
export class ProcessTable {
  /** By number, start and name: one that becomes another program keeps its start. */
  private known = new Map<string, Fixed>();
  /** What runs in no container, kernel threads too, by number: most of a machine, and looked at less often. */
  private others = new Map<number, ProcessRow | undefined>();
  private looks = 0;

  look(): Seen {
    const kept: typeof this.known = new Map();
    const others: typeof this.others = new Map();
    const isThorough = this.looks++ % OTHERS_EVERY === 0;
    const processes = pidsHere().flatMap((pid) => {
      const isKnown = !isThorough && this.others.has(pid);
      const row = isKnown ? this.others.get(pid) : this.rowOf(pid, kept);
      if (row === undefined || row.world === HOST) others.set(pid, row);
      return row ?? [];
    });
    this.known = kept;
    this.others = others;
    const firsts = processes.filter(({ pids, world }) => world !== HOST && pids.at(-1) === 1);
    return { processes, worlds: firsts.map(({ pid, pids, world }) => ({ id: world, pid, depth: pids.length - 1 })) };
  }

  /** Undefined for kernel threads, and for what has ended. */
  private rowOf(pid: number, kept: typeof this.known): ProcessRow | undefined {
    const stat = read(`/proc/${pid}/stat`) ?? "";
    const nameEnd = stat.lastIndexOf(")");
    const fields = stat.slice(nameEnd + 2).split(" ");
    const [state, parent, start] = [fields[0], fields[1], fields[19]];
    if (start === undefined || state === "Z" || (Number(fields[6]) & KERNEL_THREAD) !== 0) return undefined;
    const key = `${start} ${stat.slice(0, nameEnd)}`;
    const fixed = this.known.get(key) ?? fixedOf(pid);
    if (!fixed) return undefined;
    kept.set(key, fixed);
    return { pid, parent: Number(parent), ...fixed };
  }
}

const HOST = "host";
const OTHERS_EVERY = 4;
/** PF_KTHREAD, of the flags in proc_pid_stat(5). */
const KERNEL_THREAD = 0x00200000;
const LONGEST_COMMAND = 120;

function fixedOf(pid: number): Fixed | undefined {
  const [, numbers] = /^NSpid:\s*(.*)$/m.exec(read(`/proc/${pid}/status`) ?? "") ?? [];
  if (numbers === undefined) return undefined;
  const pids = numbers.split(/\s+/).map(Number);
  const namespace = pids.length > 1 ? link(`/proc/${pid}/ns/pid`) : HOST;
  const world = namespace?.replace(/\D/g, "") || HOST;
  return { pids, world, command: commandOf(pid) };
}

function commandOf(pid: number): string {
  const words = read(`/proc/${pid}/cmdline`)?.split("\0").join(" ").trim();
  return (words || read(`/proc/${pid}/comm`)?.trim() || "?").slice(0, LONGEST_COMMAND);
}

function pidsHere(): number[] {
  return readdirSync("/proc").map(Number).filter(Boolean);
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
