// The log the monitor writes: Kubernetes' CRI format, one line a piece of output.
//
//   2016-10-06T00:17:09.669794202Z stdout F a whole line
//   2016-10-06T00:17:10.113242941Z stderr P the beginning of a longer o
//   2016-10-06T00:17:10.113242942Z stderr F ne
//
// P means that what follows on the same stream belongs to the same line; nothing is escaped and nothing is lost.

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { isMissing } from "../files.ts";

export interface LogEntry {
  /** RFC 3339 with nanoseconds. */
  time: string;
  stream: "stdout" | "stderr";
  /** With its newline, unless it is the part of a line. */
  bytes: Buffer;
}

const CHUNK = 256 * 1024;
const NEWLINE = 10;
const SPACE = 32;

/** One log line without its newline; undefined where it is not CRI, as after a disk was full. */
export function parseLogLine(line: Buffer): LogEntry | undefined {
  const time = line.indexOf(SPACE);
  const stream = line.indexOf(SPACE, time + 1);
  const tag = line.indexOf(SPACE, stream + 1);
  if (time <= 0 || stream < 0 || tag !== stream + 2) return undefined;
  const name = line.toString("latin1", time + 1, stream);
  if (name !== "stdout" && name !== "stderr") return undefined;
  const text = line.subarray(tag + 1);
  const isWhole = line[stream + 1] === "F".charCodeAt(0);
  const bytes = isWhole ? Buffer.concat([text, Buffer.of(NEWLINE)]) : text;
  return { time: line.toString("latin1", 0, time), stream: name, bytes };
}

/** Entries of the file from byte `at` on. Returns where the next call goes on: the start of the first unfinished line. */
function readEntries(fd: number, at: number, onEntry: (entry: LogEntry) => void): number {
  let rest = Buffer.alloc(0);
  const chunk = Buffer.alloc(CHUNK);
  for (;;) {
    const count = readSync(fd, chunk, 0, CHUNK, at + rest.length);
    if (count === 0) return at;
    const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    for (const line of splitLines(bytes.subarray(0, end))) {
      const entry = parseLogLine(line);
      if (entry) onEntry(entry);
    }
    rest = Buffer.from(bytes.subarray(end));
    at += end;
  }
}

function* splitLines(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

/** The rotated files that exist, oldest first, then the current one: log.2, log.1, log. */
function logFiles(log: string): LogFile[] {
  const numbers: LogFile[] = [];
  for (let number = 1; ; number++) {
    const file = fileAt(`${log}.${number}`);
    if (!file) break;
    numbers.unshift(file);
  }
  return [...numbers, fileAt(log) ?? []].flat();
}

interface LogFile {
  path: string;
  inode: number;
}

function fileAt(path: string): LogFile | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && { path, inode: stat.ino };
}

/** Opens them all. In a rotation names move on from file to file; then it is tried again, until none is missed. */
function openFiles(log: string): { fd: number; inode: number }[] {
  for (;;) {
    const before = logFiles(log);
    const opened = before.flatMap(({ path }) => openOrNone(path));
    const inodes = opened.map(({ inode }) => inode);
    if (isSame(before, inodes) && isSame(logFiles(log), inodes)) return opened;
    for (const { fd } of opened) closeSync(fd);
  }
}

function openOrNone(path: string): { fd: number; inode: number }[] {
  try {
    const fd = openSync(path, "r");
    return [{ fd, inode: fstatSync(fd).ino }];
  } catch (error) {
    if (!isMissing(error)) throw error;
    return [];
  }
}

function isSame(files: LogFile[], inodes: number[]): boolean {
  return files.length === inodes.length && files.every(({ inode }, index) => inode === inodes[index]);
}

/** A place in the log that outlives a rotation: which file (by inode) and how far. */
export interface LogCursor {
  inode: number;
  offset: number;
}

/** Reads everything after `cursor` (from the beginning without), through rotations, and returns the new cursor. */
export function readLog(log: string, onEntry: (entry: LogEntry) => void, cursor?: LogCursor): LogCursor | undefined {
  const files = openFiles(log);
  const known = files.findIndex(({ inode }) => inode === cursor?.inode);
  let last = cursor;
  try {
    for (const { fd, inode } of files.slice(Math.max(known, 0))) {
      const at = inode === cursor?.inode ? cursor.offset : 0;
      last = { inode, offset: readEntries(fd, at, onEntry) };
    }
  } finally {
    for (const { fd } of files) closeSync(fd);
  }
  return last;
}

/** The last `count` lines; the parts of a long line are one line, and so is the unfinished line at the end. */
export function lastLines(entries: LogEntry[], count: number): LogEntry[] {
  let lines = 0;
  for (let index = entries.length - 1; index >= 0; index--) {
    const endsLine = entries[index]!.bytes.at(-1) === NEWLINE || index === entries.length - 1;
    if (endsLine && ++lines > count) return entries.slice(index + 1);
  }
  return count === 0 ? [] : entries;
}
