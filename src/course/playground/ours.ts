// What the playground makes is marked with the process that made it. One that was killed can't tidy up; whoever comes next
// finds its mark, sees that it lives no more, and does it.

import { containerIds, readContainer } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { identify, isAlive, type ProcessId } from "../../10-containers/identity.ts";
import { removeContainer } from "../../10-containers/remove.ts";

const LABEL = "mini-docker.playground";

/** For a container's labels. */
export function ourMark(): Record<string, string> {
  return { [LABEL]: JSON.stringify(identify(process.pid)) };
}

export async function removeLeftBehind(roots: Roots): Promise<void> {
  for (const id of containerIds(roots)) {
    const owner = ownerOf(roots, id);
    if (owner && !isAlive(owner)) await removeContainer(roots, id, { force: true });
  }
}

function ownerOf(roots: Roots, id: string): ProcessId | undefined {
  try {
    return JSON.parse(readContainer(roots, id)?.record.options.labels[LABEL] ?? "null") ?? undefined;
  } catch {
    // Not to be understood, so not ours.
    return undefined;
  }
}
