// `logs`: what a container printed, and with `follow` what it goes on to print, until it ends.

import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { type Container, readContainer } from "../container.ts";
import { isAlive } from "../identity.ts";
import { ChangesIn } from "../look/changes-in.ts";
import { type LogCursor, type LogEntry, lastLines, readLog } from "./logs.ts";

export interface LogRequest {
  /** RFC 3339 with nanoseconds, in UTC: such texts compare as the times they stand for. */
  since?: string;
  until?: string;
  /** Only so many lines of what is there already. */
  tail?: number;
  follow: boolean;
}

type OnEntry = (entry: LogEntry) => void;

/** Tells of every entry that is asked for, in order. */
export async function tellLog(container: Container, request: LogRequest, onEntry: OnEntry): Promise<void> {
  const { since = "", until = "9999" } = request;
  const within: OnEntry = (entry) => {
    if (entry.time >= since && entry.time <= until) onEntry(entry);
  };
  const follow = request.follow && isGoingOn(container);
  const follower = follow ? new Follower(container, within) : undefined;
  try {
    const cursor = tellPresent(container, request.tail, within);
    await follower?.run(cursor, until);
  } finally {
    follower?.close();
  }
}

/** The whole log as it is; or its end, for which all of it has to be read first. */
function tellPresent({ folder }: Container, tail: number | undefined, onEntry: OnEntry): LogCursor | undefined {
  if (tail === undefined) return readLog(folder.log, onEntry);
  const entries: LogEntry[] = [];
  const cursor = readLog(folder.log, (entry) => entries.push(entry));
  for (const entry of lastLines(entries, tail)) onEntry(entry);
  return cursor;
}

function isGoingOn({ state }: Container): boolean {
  return isAlive(state.process) || ["starting", "restarting"].includes(state.status);
}

class Follower {
  private readonly container: Container;
  private readonly onEntry: OnEntry;
  private readonly changes: ChangesIn;
  /** Kept open: with `--rm` the file loses its name as soon as the container has ended, but not its contents. */
  private kept: { fd: number; inode: number } | undefined;

  constructor(container: Container, onEntry: OnEntry) {
    this.container = container;
    this.onEntry = onEntry;
    this.changes = new ChangesIn(container.folder.bundle);
  }

  async run(from: LogCursor | undefined, until: string): Promise<void> {
    const { log } = this.container.folder;
    let cursor = from;
    for (;;) {
      this.keep(log);
      // In this order: what is printed last is in the log before the end can be seen.
      const isOver = !this.isGoingOn() || new Date().toISOString() > until;
      cursor = readLog(log, this.onEntry, cursor) ?? cursor;
      if (isOver) return this.readNameless(cursor);
      await this.changes.next();
    }
  }

  close(): void {
    this.changes.close();
    if (this.kept) closeSync(this.kept.fd);
  }

  private isGoingOn(): boolean {
    const { roots, folder } = this.container;
    const now = readContainer(roots, folder.id);
    return now !== undefined && isGoingOn(now);
  }

  private keep(path: string): void {
    const inode = statSync(path, { throwIfNoEntry: false })?.ino;
    if (inode === undefined || inode === this.kept?.inode) return;
    if (this.kept) closeSync(this.kept.fd);
    const fd = openOrNot(path);
    this.kept = fd === undefined ? undefined : { fd, inode: fstatSync(fd).ino };
  }

  private readNameless(cursor: LogCursor | undefined): void {
    if (!this.kept || (cursor && cursor.inode !== this.kept.inode)) return;
    readLog(`/proc/self/fd/${this.kept.fd}`, this.onEntry, cursor);
  }
}

function openOrNot(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}
