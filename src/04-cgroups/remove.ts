// A group is removed with rmdir, from the inside out, as soon as no process and no group is in it: until then the
// kernel says EBUSY, also for a moment after the last process has ended. Its files are no obstacle, they were never real.

import { rmdirSync } from "node:fs";
import { children, type Group, groupPids, PARENT } from "./group.ts";
import type { Machine } from "./machine.ts";
import { until } from "./wait.ts";

const LONG_MS = 10_000;

/**
 * Removes the group from every hierarchy, with all that a container made inside it. What is gone already is fine.
 * The processes must be gone or going (killGroup). Throws if some still are there after `timeoutMs`.
 */
export async function removeGroup(group: Group, timeoutMs: number = LONG_MS): Promise<void> {
  for (const { directory } of [...group.directories].reverse()) {
    if (await until(() => removeTree(directory), timeoutMs)) continue;
    throw new Error(`${directory} is still in use after ${timeoutMs} ms, by ${groupPids(group).join(" ") || "nobody"}`);
  }
}

/**
 * Removes our parent group from every hierarchy where no container is in it any more. The next container makes it
 * again, which costs it 20–60 µs a hierarchy: worth it when it was the last.
 */
export function removeParents(machine: Machine): void {
  for (const { directory } of machine.bases) removeDirectory(`${directory}/${PARENT}`);
}

/** The names below our parent group in any hierarchy: what is there and in no state file was left by a crash. */
export function listGroups(machine: Machine): string[] {
  const paths = machine.bases.flatMap(({ directory }) => children(`${directory}/${PARENT}`));
  return [...new Set(paths.map((path) => path.slice(path.lastIndexOf("/") + 1)))].sort();
}

/** `true` when it is gone. Mostly there is nothing inside, so that is tried first. */
function removeTree(directory: string): boolean {
  if (removeDirectory(directory)) return true;
  const inner = children(directory).map(removeTree);
  return inner.every(Boolean) && removeDirectory(directory);
}

function removeDirectory(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return true;
    if (code === "EBUSY" || code === "ENOTEMPTY") return false;
    throw error;
  }
}
