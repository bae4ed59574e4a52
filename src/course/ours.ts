// A container that is to end with the process that made it, a lab for one command or a playground's, is marked with that
// process. One that was killed can't tidy up; whoever comes next finds its mark, sees that it lives no more, and does it.

import { containerIds, readContainer } from "../10-containers/container.ts";
import type { Roots } from "../10-containers/folders.ts";
import { identify, isAlive, type ProcessId } from "../10-containers/identity.ts";
import { removeContainer } from "../10-containers/remove.ts";
import { ignoreGone } from "../10-containers/stop.ts";

const LABEL = "mini-docker.owner";

/** For a container's labels. */
export function ourMark(): Record<string, string> {
  return { [LABEL]: JSON.stringify(identify(process.pid)) };
}

/** How many there were. */
export async function removeLeftBehind(roots: Roots): Promise<number> {
  const left = containerIds(roots).filter((id) => {
    const owner = ownerOf(roots, id);
    return owner && !isAlive(owner);
  });
  for (const id of left) await removeContainer(roots, id, { force: true }).catch(ignoreGone);
  return left.length;
}

function ownerOf(roots: Roots, id: string): ProcessId | undefined {
  try {
    return JSON.parse(readContainer(roots, id)?.record.options.labels[LABEL] ?? "null") ?? undefined;
  } catch {
    // Not to be understood, so not ours.
    return undefined;
  }
}
