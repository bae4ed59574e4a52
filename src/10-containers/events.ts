// What happened, for whoever listens: one line of JSON each, one write(2) with O_APPEND, so that two writers never mix
// and a reader's place in the file is a cursor that stays right. A file that has grown long becomes the old one, in the
// place of the one before; a cursor says which of the files it means.
//
//   writer                                  another writer
//   open, lock (shared)                     open
//   write                                   ┆ lock: waits while the file is retired
//   too long: lock (alone), rename, close   ┆ lock (shared); the name means another file now: open that

import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { flockStep, LOCK, performOne, step } from "../01-syscalls/index.ts";
import { isFull } from "./files.ts";
import { eventsFile, type Roots } from "./folders.ts";

/** Docker's names: create, start, die, destroy, kill, oom, pause, unpause, rename, update, exec_start, exec_die, … */
export interface Event {
  /** Nanoseconds since 1970, as a decimal. */
  timeNano: string;
  type: "container" | "image" | "network" | "volume";
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
  const fd = openHeld(path);
  try {
    writeSync(fd, `${JSON.stringify({ timeNano, ...event })}\n`);
    if (fstatSync(fd).size > LONGEST_BYTES) retire(path, fd);
  } finally {
    closeSync(fd);
  }
}

/** As long as anybody holds the file it isn't retired: readers who have seen that file's end would miss what comes later. */
function openHeld(path: string): number {
  for (;;) {
    const fd = openSync(path, "a", 0o600);
    performOne(step("flock", [fd, LOCK.SH], { why: "the file stays where it is", retry: ["EINTR"] }));
    if (isStillAt(path, fd)) return fd;
    closeSync(fd);
  }
}

function isStillAt(path: string, fd: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

/** Some ten thousand events. */
const LONGEST_BYTES = 4 * 1024 * 1024;
const oldFile = (path: string): string => `${path}.1`;

/** While others write to it, it grows on: one of them will be the last. */
function retire(path: string, fd: number): void {
  const result = performOne(flockStep({ fd, why: "nobody else writes to it", allow: ["EAGAIN"] }));
  if (result === 0 && isStillAt(path, fd)) renameSync(path, oldFile(path));
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

/** A place in one of the files. */
export interface EventCursor {
  inode: number;
  /** Bytes. */
  at: number;
}

/** All events from `cursor` on, and the cursor for the next call. A line not yet whole waits for the next. */
export function readEvents(roots: Roots, cursor?: EventCursor): { events: Event[]; cursor?: EventCursor } {
  const path = eventsFile(roots);
  const now = readFrom(path, cursor);
  if (cursor && now?.cursor.inode === cursor.inode) return now;
  const old = readFrom(oldFile(path), cursor);
  const isMeant = old !== undefined && old.cursor.inode === (cursor ?? old.cursor).inode;
  // It may have become the old one since it was read.
  const missed = isMeant && old.cursor.inode !== now?.cursor.inode ? old : undefined;
  // Until the next event the old file may be all there is.
  const next = now?.cursor ?? missed?.cursor ?? cursor;
  return { events: [...(missed?.events ?? []), ...(now?.events ?? [])], ...(next && { cursor: next }) };
}

/** Where the events end now; undefined where there is none yet. */
export function eventsEnd(roots: Roots): EventCursor | undefined {
  const stats = statSync(eventsFile(roots), { throwIfNoEntry: false });
  return stats && { inode: stats.ino, at: stats.size };
}

/** What a file has from `cursor` on, or from its beginning if that means another; undefined if there is no such file. */
function readFrom(path: string, cursor?: EventCursor): { events: Event[]; cursor: EventCursor } | undefined {
  const fd = openIfThere(path);
  if (fd === undefined) return undefined;
  try {
    const { ino: inode, size } = fstatSync(fd);
    const begin = cursor?.inode === inode ? cursor.at : 0;
    const bytes = Buffer.alloc(Math.max(0, size - begin));
    const end = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, begin)).lastIndexOf(10) + 1;
    const lines = bytes.toString("utf8", 0, end).split("\n").filter(Boolean);
    return { events: lines.flatMap(parseEvent), cursor: { inode, at: begin + end } };
  } finally {
    closeSync(fd);
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

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}
