// Waiting for a container's end, from any process: its first process's disappearance is seen in /proc, and what the
// monitor recorded says how it was.

import { type Container, locked, readContainer } from "./container.ts";
import { type EventCursor, eventsEnd, readEvents } from "./events.ts";
import type { Roots } from "./folders.ts";
import { readExit, settle, UNKNOWN_EXIT } from "./settle.ts";
import { ended, ignoreGone } from "./stop.ts";

/** The exit code; of a container that `--rm` took away meanwhile too. */
export async function waitForExit(roots: Roots, id: string): Promise<number> {
  const since = eventsEnd(roots);
  let last: number | undefined;
  for (;;) {
    const container = readContainer(roots, id);
    if (!container) return last ?? toldExit(roots, id, since);
    if (isOver(container)) return container.state.exitCode;
    await ended(roots, id, Number.POSITIVE_INFINITY);
    last = readExit(container.folder.exit)?.exitCode ?? last;
    // On a full disk, how it ended is known to who has looked, and nowhere written down.
    const looked = await locked(roots, id, settling).catch(ignoreGone);
    if (looked && isOver(looked)) return looked.state.exitCode;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Who is gone before we have looked has left its end among the events. */
function toldExit(roots: Roots, id: string, since: EventCursor | undefined): number {
  const { events } = readEvents(roots, since);
  const end = events.findLast((event) => event.id === id && event.action === "die");
  return end ? Number(end.attributes.exitCode) : UNKNOWN_EXIT;
}

async function settling(container: Container): Promise<Container> {
  await settle(container);
  return container;
}

function isOver({ state }: Container): boolean {
  return ["created", "exited", "dead"].includes(state.status);
}
