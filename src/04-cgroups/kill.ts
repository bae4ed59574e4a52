// Ending every process of a group, also those that are being made meanwhile.
//
// v2 has a file for it since Linux 5.14: cgroup.kill. Before that, and on v1, one asks who is there and kills each; but
// a fork bomb makes new ones faster than that. So it is frozen first: nothing frozen forks, and the list stays true.

import { writeText } from "./files.ts";
import { freezeGroup, hasFreezer, thawGroup } from "./freeze.ts";
import { type Group, groupPids, v2Directory } from "./group.ts";
import { until } from "./wait.ts";

const LONG_MS = 10_000;

/** Kills all and resolves when none is left. An empty group and one that is gone are fine. Throws after `timeoutMs`. */
export async function killGroup(group: Group, timeoutMs: number = LONG_MS): Promise<void> {
  const v2 = v2Directory(group);
  const isDone = v2 !== undefined && writeText(`${v2}/cgroup.kill`, "1");
  if (!isDone) await killEach(group);
  if (await until(() => groupPids(group).length === 0, timeoutMs)) return;
  throw new Error(`processes of ${group.path} outlived SIGKILL by ${timeoutMs} ms: ${groupPids(group).join(" ")}`);
}

/** Any signal to every process in the group, once. Not frozen meanwhile: one that is just being made may miss it. */
export function signalGroup(group: Group, signal: NodeJS.Signals | number): void {
  for (const pid of groupPids(group)) signalPid(pid, signal);
}

async function killEach(group: Group): Promise<void> {
  if (groupPids(group).length === 0) return;
  if (!hasFreezer(group)) return signalGroup(group, "SIGKILL");
  await freezeGroup(group);
  signalGroup(group, "SIGKILL");
  thawGroup(group);
}

function signalPid(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
