// Whoever is killed with -9 tidies nothing up. The next command of the course does it: a check's processes, mounts and folder,
// the lab that it was in, a container that was tried.

import { cleanGroupNamed } from "../10-containers/cgroup.ts";
import type { Roots } from "../10-containers/folders.ts";
import { identify, isAlive } from "../10-containers/identity.ts";
import { removeContainer } from "../10-containers/remove.ts";
import { ignoreGone } from "../10-containers/stop.ts";
import { takeAway } from "./grade/leftovers.ts";
import { placeIn } from "./grade/place.ts";
import { killTree, processesNamed, procText } from "./grade/processes.ts";
import { groupsIn } from "./grade/seen-limits.ts";
import { removeLeftBehind } from "./ours.ts";
import { type Facts, finishAll } from "./unfinished.ts";

/** How much there was. Throws UserError for what can't be taken away. */
export async function takeOver(roots: Roots): Promise<number> {
  return (await finishAll(roots, (facts) => end(roots, facts))) + (await removeLeftBehind(roots));
}

async function end(roots: Roots, { lab, folder, probe, trying, child }: Facts): Promise<void> {
  // What goes on in there has no other end. A lab is made to be thrown away.
  if (lab !== undefined) await removeContainer(roots, lab, { force: true }).catch(ignoreGone);
  if (folder !== undefined) await endCheck(folder, probe);
  if (isAlive(child)) killTree(child.pid);
  // Somebody may be called by that number again, and have a group called after it.
  if (trying !== undefined && !identify(trying)) await cleanGroupNamed(`try-${trying}`);
}

async function endCheck(folder: string, probe: string | undefined): Promise<void> {
  const place = placeIn(folder);
  if (probe !== undefined) {
    const moments = processesNamed(probe, NOBODY).map((pid) => ({ cgroups: groupsIn(procText(pid, "cgroup") ?? "") }));
    await takeAway({ pids: NOBODY, mounts: new Set() }, { place, planted: { probe }, moments });
  }
  await place.close();
}

const NOBODY: ReadonlySet<number> = new Set();
