// goal no-swap: swap-twice

import { baseWith, type Limits, type Machine, type Resources, type Setting } from "mini-docker/04-cgroups";

const FILES = {
  2: { soft: "memory.high", hard: "memory.max", swap: "memory.swap.max", processes: "pids.max" },
  1: {
    soft: "memory.soft_limit_in_bytes",
    hard: "memory.limit_in_bytes",
    swap: "memory.memsw.limit_in_bytes",
    processes: "pids.max",
  },
};

/** One line for one file; none where nobody asked. */
function setting(controller: "memory" | "pids", file: string, value: number | undefined, why: string): Setting[] {
  return value === undefined ? [] : [{ controller, file, value: String(value), why }];
}

/** Memory and swap together, as they were asked for. */
function swapOf({ limit = 0, swap }: NonNullable<Resources["memory"]> = {}, version: 1 | 2): number | undefined {
  return swap === undefined || version === 2 ? swap : swap + limit;
}

export function limitsFor({ memory, pids }: Resources, machine: Machine): Limits {
  const version = baseWith(machine, "memory", "memory")?.version ?? 2;
  const file = FILES[version];
  return {
    settings: [
      ...setting("memory", file.hard, memory?.limit, "more memory than this it can't have"),
      ...setting("memory", file.swap, swapOf(memory, version), "and no swap to get around that"),
      ...setting("pids", file.processes, pids?.limit, "nor more processes than this"),
    ],
    warnings: [],
  };
}
