// What others leave in the machine's groups.

import { readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { PARENT } from "../src/04-cgroups/index.ts";

/** BuildKit keeps one for all its builds. */
const LEFT = [join(PARENT, "buildkit"), PARENT];

/** Docker and podman join hierarchies that ours don't; a parent of ours with nothing in it is left of that. */
export function removeEmptyGroups(): void {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").matchAll(/^(?:\S+ ){4}(\S+) .* - cgroup2? /gm);
  for (const [, mountPoint = ""] of mounts) for (const name of LEFT) removeIfEmpty(join(mountPoint, name));
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // It isn't there, or somebody's containers are in it.
  }
}
