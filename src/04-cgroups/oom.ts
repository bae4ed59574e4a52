// Out of memory: when a group is at its limit and nothing can be taken back, the kernel kills one of its processes with
// SIGKILL. The exit status looks like any other kill's (137); only the group's own count tells them apart.

import { parseFlat, readText } from "./files.ts";
import { findDirectory, type Group, withDescendants } from "./group.ts";

/**
 * How many of its processes were killed for want of memory, in groups inside too. To be asked before the group is
 * removed: the count goes with it. 0 without a memory controller.
 */
export function oomKills(group: Group): number {
  const directory = findDirectory(group, "memory");
  if (directory === undefined) return 0;
  // v2 adds up what happens below; v1 counts each group for itself (from Linux 4.13).
  const v2 = readText(`${directory}/memory.events`);
  if (v2 !== undefined) return parseFlat(v2).oom_kill ?? 0;
  const counts = withDescendants(directory).map(
    (each) => parseFlat(readText(`${each}/memory.oom_control`)).oom_kill ?? 0,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
