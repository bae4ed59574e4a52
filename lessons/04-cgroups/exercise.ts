// Your turn: which number goes into which file of guest's group?
//
// You are told what Mei grants: `memory.limit` bytes of memory; `memory.swap`, which is memory and swap together; and
// `pids.limit` processes. What you return is written into the group, line by line, before there is anybody in it.
//
// The kernel has more files than you need, and each does something else. On the files below, cgroup v2 and v1 disagree in
// more than the name: v2 counts swap by itself, v1 counts it together with memory.

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

export function limitsFor(granted: Resources, machine: Machine): Limits {
  const version = baseWith(machine, "memory", "memory")?.version ?? 2;
  const file = FILES[version];
  return {
    settings: [
      // Will this one stop guest? And is it all that guest can take?
      ...setting("memory", file.soft, granted.memory?.limit, "guest's share of the memory"),
    ],
    warnings: [],
  };
}
