// The groups below our parent, and what each uses now. On v2 they are one tree; on v1 the same tree stands once in each
// hierarchy, and a group is put together from its directories in all of them.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Base, findMachine, type Group, PARENT, readStats, type Stats } from "../../../04-cgroups/index.ts";
import type { GroupRow } from "../messages.ts";

/** A share of the processor takes two looks. */
export class GroupTree {
  private readonly bases: Base[] = findMachine().bases;
  private last = new Map<string, { usageNs: number; at: bigint }>();

  look(nameOf: (path: string) => string | undefined): GroupRow[] {
    const next: typeof this.last = new Map();
    const rows = this.paths().map((path): GroupRow => {
      const { memory, cpu, pids } = readStats(this.groupAt(path));
      const now = { usageNs: cpu?.usageNs ?? 0, at: process.hrtime.bigint() };
      const before = this.last.get(path);
      next.set(path, now);
      return {
        path,
        name: nameOf(path) ?? path.split("/").at(-1)!.slice(0, 12),
        ...(memory && { memoryBytes: memory.usedBytes }),
        ...(memory?.limitBytes !== undefined && { memoryLimitBytes: memory.limitBytes }),
        ...(cpu && before && { cpuPercent: share(before, now) }),
        ...(pids && { pids: pids.current }),
        ...(pids?.limit !== undefined && { pidsLimit: pids.limit }),
      };
    });
    this.last = next;
    return rows;
  }

  /** What the group uses that a process is in: `cgroup` is what /proc/PID/cgroup says, by controller. */
  use(cgroup: Record<string, string>): Stats {
    const path = cgroup.memory ?? cgroup.unified ?? "";
    return path.startsWith(`/${PARENT}/`) ? readStats(this.groupAt(path.slice(PARENT.length + 2))) : {};
  }

  /** As stage 04 takes it. `path` is below our parent. */
  private groupAt(path: string): Group {
    const whole = `/${PARENT}/${path}`;
    const directories = this.bases.map(({ version, controllers, directory, mountPoint }) => {
      return { version, controllers, base: directory, directory: directory + whole, mountPoint };
    });
    return { path: whole, directories };
  }

  /** In the order of a tree that is written down: each before what is below it. */
  private paths(): string[] {
    const all = this.bases.flatMap(({ directory }) => below(join(directory, PARENT), ""));
    return [...new Set(all)].sort();
  }
}

/** Deeper ones are a container's own business. */
const DEEPEST = 4;

function below(top: string, path: string): string[] {
  const names = namesIn(join(top, path)).map((name) => (path === "" ? name : `${path}/${name}`));
  return names.flatMap((name) => [name, ...(name.split("/").length < DEEPEST ? below(top, name) : [])]);
}

function namesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function share(before: { usageNs: number; at: bigint }, now: { usageNs: number; at: bigint }): number {
  const passed = Number(now.at - before.at);
  const percent = passed > 0 ? ((now.usageNs - before.usageNs) / passed) * 100 : 0;
  return Math.max(0, Math.round(percent * 10) / 10);
}
