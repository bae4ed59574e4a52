// `events`: what happened since a moment, and what goes on to happen.

import { type Event, type EventCursor, eventsEnd, readEvents } from "../events.ts";
import type { Roots } from "../folders.ts";
import { ChangesIn } from "./changes-in.ts";
import { Filters } from "./filters.ts";

export interface EventRequest {
  /** Nanoseconds since 1970; without, only what happens from now on. */
  since?: bigint;
  /** Without, for ever. */
  until?: bigint;
  filters: [key: string, value: string][];
}

/** What an event can be about; the engine knows of containers, images and volumes so far. */
const TYPES = "config container daemon image network node plugin secret service volume".split(" ");
const KEYS = [...TYPES, "event", "label", "scope", "type"];

/** Of a file that isn't there yet. */
const BEGINNING: EventCursor = { inode: 0, at: 0 };

/** Tells of every event that is asked for, in order. Resolves at `until`. Throws UserError for a filter there isn't. */
export async function tellEvents(roots: Roots, request: EventRequest, onEvent: (event: Event) => void): Promise<void> {
  const { since, until } = request;
  const isWanted = wanted(new Filters(request.filters, KEYS));
  const changes = new ChangesIn(roots.root);
  let cursor = since === undefined ? (eventsEnd(roots) ?? BEGINNING) : undefined;
  try {
    for (;;) {
      const isOver = until !== undefined && BigInt(Date.now()) * 1_000_000n >= until;
      const read = readEvents(roots, cursor);
      for (const event of read.events) if (isWithin(event, since, until) && isWanted(event)) onEvent(event);
      if (isOver) return;
      cursor = read.cursor;
      await changes.next();
    }
  } finally {
    changes.close();
  }
}

function isWithin({ timeNano }: Event, since = 0n, until?: bigint): boolean {
  const at = BigInt(timeNano);
  return at >= since && (until === undefined || at <= until);
}

function wanted(filters: Filters): (event: Event) => boolean {
  return (event) =>
    filters.any("type", (value) => value === event.type) &&
    filters.any("scope", (value) => value === "local") &&
    filters.any("event", (value) => value === event.action || event.action.startsWith(`${value}:`)) &&
    filters.matchesLabels(event.attributes) &&
    TYPES.every((type) => filters.any(type, (value) => isAbout(event, type, value)));
}

/** An event of a container is one of its image, too. */
function isAbout({ type, id, attributes }: Event, wantedType: string, value: string): boolean {
  if (wantedType === "image" && type === "container") return isImage(attributes.image, value);
  if (type !== wantedType) return false;
  return id.startsWith(value) || attributes.name === value || (type === "image" && isImage(attributes.name, value));
}

/** With its tag or without. */
function isImage(name = "", value: string): boolean {
  return name === value || name.replace(/:[^:/]+$/, "") === value;
}
