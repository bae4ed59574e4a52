// What happened, for whoever listens: one line of JSON each, one write(2) with O_APPEND, so that two writers never mix
// and a reader's byte offset is a cursor that stays right.

import { closeSync, mkdirSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isFull } from "./files.ts";
import { eventsFile, type Roots } from "./folders.ts";

/** Docker's names: create, start, die, destroy, kill, oom, pause, unpause, rename, update, exec_start, exec_die, … */
export interface Event {
  /** Nanoseconds since 1970, as a decimal. */
  timeNano: string;
  type: "container" | "image";
  action: string;
  id: string;
  /** Name, image, exitCode and the container's labels. */
  attributes: Record<string, string>;
}

/** On a full disk it is lost: what it is about has happened all the same. */
export function recordEvent(roots: Roots, event: Omit<Event, "timeNano">): void {
  try {
    appendEvent(roots, event);
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

function appendEvent(roots: Roots, event: Omit<Event, "timeNano">): void {
  const timeNano = String(nowNs());
  const path = eventsFile(roots);
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const fd = openSync(path, "a", 0o600);
  try {
    writeSync(fd, `${JSON.stringify({ timeNano, ...event })}\n`);
  } finally {
    closeSync(fd);
  }
}

const MILLISECOND = 1_000_000n;
let offsetNs = 0n;

/** Node's clock has milliseconds only, in which much happens: a finer one, that begins anywhere, counts on from there. */
function nowNs(): bigint {
  const [coarse, fine] = [BigInt(Date.now()) * MILLISECOND, process.hrtime.bigint()];
  const behind = coarse - (fine + offsetNs);
  // Somebody has set the clock, or this is the first time.
  if (behind < -MILLISECOND || behind > MILLISECOND) offsetNs = coarse - fine;
  return fine + offsetNs;
}

/** All events from byte `cursor` on, and the cursor for the next call. A line not yet whole waits for the next. */
export function readEvents(roots: Roots, cursor = 0): { events: Event[]; cursor: number } {
  const bytes = readFrom(eventsFile(roots), cursor);
  const end = bytes.lastIndexOf(10) + 1;
  const lines = bytes.subarray(0, end).toString("utf8").split("\n").filter(Boolean);
  return { events: lines.flatMap(parseEvent), cursor: cursor + end };
}

/** Where the events end now. */
export function eventsEnd(roots: Roots): number {
  try {
    return statSync(eventsFile(roots)).size;
  } catch {
    return 0;
  }
}

/** A line that a full disk cut short is no event. */
function parseEvent(line: string): Event[] {
  try {
    return [JSON.parse(line) as Event];
  } catch {
    return [];
  }
}

function readFrom(path: string, at: number): Buffer {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const room = Buffer.alloc(Math.max(0, statSync(path).size - at));
    return room.subarray(0, readSync(fd, room, 0, room.length, at));
  } finally {
    closeSync(fd);
  }
}
