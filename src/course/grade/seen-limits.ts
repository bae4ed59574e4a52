// What a process may use, by the groups it is in: its own and those above it, up to the first that its runtime is in, too.
// A limit on any of them holds, so the smallest counts.
//
//              v2                        v1
//   memory     memory.max                memory.limit_in_bytes
//   swap       memory.swap.max           memory.memsw.limit_in_bytes, which is memory and swap together
//   processes  pids.max                  pids.max
//   cpu        cpu.max                   cpu.cfs_quota_us, cpu.cfs_period_us
//   killed     memory.events             memory.oom_control

import { dirname } from "node:path";
import { parseFlat, parseLimit, readText } from "../../04-cgroups/files.ts";
import { type Hierarchy, parseHierarchies } from "../../04-cgroups/index.ts";
import type { SeenLimits } from "./seen.ts";

/** Controller → the group's path; `unified` is v2's. Lines are `4:memory:/a` and `0::/a`, see cgroups(7). */
export function groupsIn(text: string): Record<string, string> {
  const entries = text.split("\n").flatMap((line) => {
    const [, names = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === "") return [];
    return names === "" ? [["unified", path]] : names.split(",").map((name) => [name, path]);
  });
  return Object.fromEntries(entries);
}

/** A group's folder on this machine, and those above it that the runtime isn't in. */
interface Chain {
  version: 1 | 2;
  folders: string[];
}

export function seenLimits(groups: Record<string, string>, runtime: Record<string, string>): SeenLimits {
  const chain = (controller: string) => chainOf(controller, groups, runtime);
  const [memory, pids, cpu] = ["memory", "pids", "cpu"].map(chain);
  return withoutUnknown({
    memoryBytes: smallest(memory, ({ version }) => (version === 2 ? "memory.max" : "memory.limit_in_bytes")),
    swapBytes: swapOf(memory),
    pids: smallest(pids, () => "pids.max"),
    cpus: cpusOf(cpu),
    oomKills: sum(memory, ({ version }) => (version === 2 ? "memory.events" : "memory.oom_control"), "oom_kill"),
    refusedForks: sum(pids, () => "pids.events", "max"),
    memoryUsed: own(memory, ({ version }) => (version === 2 ? "memory.current" : "memory.usage_in_bytes")),
    pidsUsed: own(pids, () => "pids.current"),
  });
}

function chainOf(
  controller: string,
  groups: Record<string, string>,
  runtime: Record<string, string>,
): Chain | undefined {
  const name = controller in groups ? controller : "unified";
  const [path, theirs] = [groups[name], runtime[name]];
  const hierarchy = hierarchyOf(name);
  if (path === undefined || hierarchy === undefined) return undefined;
  return { version: hierarchy.version, folders: above(path, theirs ?? "/").map((each) => folderOf(hierarchy, each)) };
}

/** `/a/b/c`, `/a/b` for a runtime in `/a/x`: what only the one is in. */
function above(path: string, other: string): string[] {
  if (path === "/" || `${other}/`.startsWith(`${path}/`)) return [];
  return [path, ...above(dirname(path), other)];
}

/** The groups that the process is in and its runtime isn't. Those above them may be everybody's. */
export function ownGroups(groups: Record<string, string>, runtime: Record<string, string>): string[] {
  const folders = Object.keys(groups).flatMap((name) => {
    const hierarchy = hierarchyOf(name);
    const [own] = above(groups[name]!, runtime[name] ?? "/");
    return hierarchy && own !== undefined ? [folderOf(hierarchy, own)] : [];
  });
  return [...new Set(folders)];
}

let hierarchies: Hierarchy[] | undefined;

function hierarchyOf(name: string): Hierarchy | undefined {
  hierarchies ??= parseHierarchies(readText("/proc/self/mountinfo") ?? "", readText("/proc/self/cgroup") ?? "");
  return hierarchies.find(({ version, controllers }) =>
    name === "unified" ? version === 2 : version === 1 && controllers.includes(name),
  );
}

/** /proc tells paths from the top of what this process sees. */
function folderOf({ mountPoint }: Hierarchy, path: string): string {
  return `${mountPoint}${path}`;
}

type FileOf = (chain: Chain) => string;

function smallest(chain: Chain | undefined, file: FileOf): number | undefined {
  const values = (chain?.folders ?? []).map((folder) => parseLimit(readText(`${folder}/${file(chain!)}`)));
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function swapOf(chain: Chain | undefined): number | undefined {
  if (chain?.version === 2) return smallest(chain, () => "memory.swap.max");
  const [both, memory] = ["memsw.limit_in_bytes", "limit_in_bytes"].map((file) =>
    smallest(chain, () => `memory.${file}`),
  );
  return both === undefined || memory === undefined ? undefined : Math.max(0, both - memory);
}

function cpusOf(chain: Chain | undefined): number | undefined {
  const values = (chain?.folders ?? []).flatMap((folder) => {
    const [quota, period] =
      chain!.version === 2
        ? (readText(`${folder}/cpu.max`) ?? "max").split(" ")
        : ["quota", "period"].map((each) => readText(`${folder}/cpu.cfs_${each}_us`));
    return Number(quota) > 0 ? [Number(quota) / Number(period)] : [];
  });
  return values.length > 0 ? Math.min(...values) : undefined;
}

function sum(chain: Chain | undefined, file: FileOf, key: string): number {
  const counts = (chain?.folders ?? []).map((folder) => parseFlat(readText(`${folder}/${file(chain!)}`))[key] ?? 0);
  // Each group counts those below it, too.
  return Math.max(0, ...counts);
}

function own(chain: Chain | undefined, file: FileOf): number | undefined {
  const [folder] = chain?.folders ?? [];
  return folder === undefined ? undefined : parseLimit(readText(`${folder}/${file(chain!)}`));
}

function withoutUnknown<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
