// What a runtime leaves behind, and taking it away. Only what is known to be of this run is ever touched: processes that
// are its probe or carry its token, mounts below its folder, groups that its probe was in.

import { existsSync, rmdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { quoted } from "../quoted.ts";
import { decoded, mountLines, mountsBelow, targetIn } from "./mounts-below.ts";
import type { Place } from "./place.ts";
import type { Planted } from "./planted.ts";
import { allPids, isRunning, nameOf, procText } from "./processes.ts";
import type { Evidence, Seen } from "./seen.ts";
import { groupsIn, ownGroups } from "./seen-limits.ts";

export interface Before {
  pids: ReadonlySet<number>;
  /** Lines of the place's mountinfo. */
  mounts: ReadonlySet<string>;
}

interface Whose {
  place: Place;
  planted: Pick<Planted, "probe">;
  /** When its probe was seen, as far as it was. */
  moments: Pick<Evidence, "cgroups">[];
}

export function stateBefore(place: Place): Before {
  return { pids: new Set(allPids()), mounts: new Set(mountLines(place.pid)) };
}

const SETTLE_MS = 400;

/** What is still there a moment after the runtime has ended. */
export async function leftovers(before: Before, whose: Whose): Promise<Seen["left"]> {
  const look = () => ({
    processes: processesLeft(before, whose.planted).map((pid) => nameOf(pid) ?? `${pid}`),
    mounts: mountsLeft(before, whose.place),
    groups: groupsLeft(whose.place, whose.moments),
  });
  let left = look();
  for (const deadline = Date.now() + SETTLE_MS; !isNothing(left) && Date.now() < deadline; left = look())
    await sleep(10);
  return left;
}

function isNothing({ processes, mounts, groups }: Seen["left"]): boolean {
  return processes.length + mounts.length + groups.length === 0;
}

/** Ends and unmounts it all, so that the folder can be taken away. */
export async function takeAway(before: Before, { place, planted, moments }: Whose): Promise<void> {
  for (const pid of processesLeft(before, planted)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended, or it is somebody's whom we may not end.
    }
  }
  for (const deadline = Date.now() + SETTLE_MS; processesLeft(before, planted).length > 0 && Date.now() < deadline; )
    await sleep(10);
  for (const folder of groupsLeft(place, moments)) await removeGroup(folder);
  // The last one first: it may hang in another. One that stays is complained of when the folder is taken away.
  const targets = mountsBelow(place.pid, place.folder).reverse();
  if (targets.length > 0)
    await place.shell(targets.map((each) => `umount -l ${quoted(each)}`).join("; ")).catch(() => {});
}

/** One that is somebody's whom we may not touch stays. Its last process takes a moment to leave it. */
async function removeGroup(folder: string): Promise<void> {
  for (const deadline = Date.now() + SETTLE_MS; Date.now() < deadline; await sleep(10)) {
    try {
      return rmdirSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EBUSY") return;
    }
  }
}

/** The variable that every process of this run has, unless it was given another environment. */
export const TOKEN = "MINI_DOCKER_CHECK";

function processesLeft({ pids }: Before, { probe }: Whose["planted"]): number[] {
  const isOurs = (pid: number) =>
    nameOf(pid) === probe || (procText(pid, "environ") ?? "").includes(`${TOKEN}=${probe}`);
  return allPids().filter((pid) => !pids.has(pid) && isOurs(pid) && isRunning(pid));
}

/** Where those hang that have to do with our folder: others mount, too. */
function mountsLeft({ mounts }: Before, place: Place): string[] {
  return mountLines(place.pid)
    .filter((line) => !mounts.has(line) && decoded(line).includes(place.folder))
    .map(targetIn);
}

function groupsLeft(place: Place, moments: Whose["moments"]): string[] {
  const [first] = moments;
  if (first === undefined) return [];
  const around = groupsIn(procText(place.pid, "cgroup") ?? "");
  return ownGroups(first.cgroups, around).filter((folder) => existsSync(folder));
}
