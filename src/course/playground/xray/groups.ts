// The groups below our parent, and what each uses now. On v2 they are one tree; on v1 the same tree stands once in each
// hierarchy, and what a group uses is put together from its directories there. `stats` reads a dozen files of each group;
// for many groups twice a second only what is shown is read.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseFlat, parseLimit, readText } from "../../../04-cgroups/files.ts";
import { type Base, findMachine, PARENT } from "../../../04-cgroups/index.ts";
import type { GroupRow } from "../messages.ts";

/** A file of a group: the controller on v1, and its names there and on v2; empty where it isn't. */
type GroupFile = readonly [controller: string, v1: string, v2: string];

const MEMORY: GroupFile = ["memory", "memory.usage_in_bytes", "memory.current"];
const MEMORY_LIMIT: GroupFile = ["memory", "memory.limit_in_bytes", "memory.max"];
const PIDS: GroupFile = ["pids", "pids.current", "pids.current"];
const PIDS_LIMIT: GroupFile = ["pids", "pids.max", "pids.max"];
const CPU_V1: GroupFile = ["cpuacct", "cpuacct.usage", ""];
const CPU_V2: GroupFile = ["", "", "cpu.stat"];

interface Limits {
  memoryLimitBytes?: number;
  pidsLimit?: number;
}

/** Limits change when somebody changes them. */
const LIMITS_FRESH_MS = 2_000;

export class GroupTree {
  /** v1 first: on a hybrid machine that is where controllers are, and to look for a file in vain is dear. */
  private readonly bases: Base[] = findMachine().bases.toSorted((one, other) => one.version - other.version);
  /** A share of the processor takes two looks. */
  private last = new Map<string, { usageNs: number; at: bigint }>();
  private limits = new Map<string, Limits>();
  private limitsAt = 0;

  look(nameOf: (path: string) => string | undefined): GroupRow[] {
    const next: typeof this.last = new Map();
    if (Date.now() - this.limitsAt > LIMITS_FRESH_MS) this.forgetLimits();
    const rows = this.paths().map((path): GroupRow => {
      const now = { usageNs: this.cpuNs(path), at: process.hrtime.bigint() };
      const before = this.last.get(path);
      next.set(path, now);
      return {
        path,
        name: nameOf(path) ?? path.split("/").at(-1)!.slice(0, 12),
        ...known("memoryBytes", this.number(path, MEMORY)),
        ...known("pids", this.number(path, PIDS)),
        ...(before && { cpuPercent: share(before, now) }),
        ...this.limitsOf(path),
      };
    });
    this.last = next;
    return rows;
  }

  /** Of the group that a process is in: `cgroup` is what /proc/PID/cgroup says, by controller. */
  memoryLimitOf(cgroup: Record<string, string>): number | undefined {
    const path = cgroup.memory ?? cgroup.unified ?? "";
    if (!path.startsWith(`/${PARENT}/`)) return undefined;
    return parseLimit(this.text(path.slice(PARENT.length + 2), MEMORY_LIMIT));
  }

  private limitsOf(path: string): Limits {
    const limits = this.limits.get(path) ?? {
      ...known("memoryLimitBytes", parseLimit(this.text(path, MEMORY_LIMIT))),
      ...known("pidsLimit", parseLimit(this.text(path, PIDS_LIMIT))),
    };
    this.limits.set(path, limits);
    return limits;
  }

  private forgetLimits(): void {
    this.limits.clear();
    this.limitsAt = Date.now();
  }

  private cpuNs(path: string): number {
    const v1 = this.number(path, CPU_V1);
    return v1 ?? (parseFlat(this.text(path, CPU_V2)).usage_usec ?? 0) * 1000;
  }

  private number(path: string, file: GroupFile): number | undefined {
    const text = this.text(path, file);
    return text === undefined ? undefined : Number(text);
  }

  /** Of the hierarchy that has it. */
  private text(path: string, [controller, v1, v2]: GroupFile): string | undefined {
    for (const { version, controllers, directory } of this.bases) {
      const file = version === 2 ? v2 : controllers.includes(controller) ? v1 : "";
      const text = file === "" ? undefined : readText(join(directory, PARENT, path, file));
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** In the order of a tree that is written down: each before what is below it. */
  private paths(): string[] {
    const base = this.bases.find(({ controllers }) => controllers.includes("memory")) ?? this.bases[0];
    return base ? below(join(base.directory, PARENT), "").sort() : [];
  }
}

/** Deeper ones are a container's own business. */
const DEEPEST = 4;

function below(top: string, path: string): string[] {
  const names = foldersIn(join(top, path)).map((name) => (path === "" ? name : `${path}/${name}`));
  return names.flatMap((name) => [name, ...(name.split("/").length < DEEPEST ? below(top, name) : [])]);
}

function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function known<Name extends string>(name: Name, value: number | undefined): { [key in Name]?: number } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: number });
}

function share(before: { usageNs: number; at: bigint }, now: { usageNs: number; at: bigint }): number {
  const passed = Number(now.at - before.at);
  const percent = passed > 0 ? ((now.usageNs - before.usageNs) / passed) * 100 : 0;
  return Math.max(0, Math.round(percent * 10) / 10);
}
