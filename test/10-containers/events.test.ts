import { spawn } from "node:child_process";
import { closeSync, existsSync, fstatSync, mkdtempSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LOCK, performOne, step } from "../../src/01-syscalls/index.ts";
import { type EventCursor, eventsEnd, readEvents, recordEvent } from "../../src/10-containers/events.ts";
import { eventsFile } from "../../src/10-containers/folders.ts";
import { buildScript } from "../support/engine.ts";

function temporaryRoots() {
  const root = mkdtempSync(join(tmpdir(), "events-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return { root, state: root };
}

/** A thousand characters of label make a file long soon. */
const label = "x".repeat(1000);
const happened = (action: string) => ({ type: "container", action, id: "1", attributes: { label } }) as const;

test("events are read on from a cursor, over the end of a file that has grown too long, and none is missed", () => {
  const roots = temporaryRoots();
  const seen: string[] = [];
  let cursor: EventCursor | undefined;
  for (let count = 0; count < 6000; count++) {
    recordEvent(roots, happened(String(count)));
    if (count % 1000 !== 500) continue;
    const read = readEvents(roots, cursor);
    seen.push(...read.events.map(({ action }) => action));
    cursor = read.cursor;
  }
  seen.push(...readEvents(roots, cursor).events.map(({ action }) => action));
  expect(seen).toEqual(Array.from({ length: 6000 }, (_, count) => String(count)));
  expect(readEvents(roots, eventsEnd(roots)).events).toEqual([]);
  expect(readdirSync(dirname(eventsFile(roots))).sort()).toEqual(["events.jsonl", "events.jsonl.1"]);
});

test("from the beginning means what is left of it: the old file and the new one", () => {
  const roots = temporaryRoots();
  for (let count = 0; count < 10_000; count++) recordEvent(roots, happened(String(count)));
  const actions = readEvents(roots).events.map(({ action }) => Number(action));
  expect(actions.length).toBeLessThan(9000);
  expect(actions.at(-1)).toBe(9999);
  expect(actions.at(-1)! - actions[0]! + 1).toBe(actions.length);
});

test("what is read is read once, also when the file has just been retired and there is no new one yet", () => {
  const roots = temporaryRoots();
  let { cursor } = readEvents(roots);
  const seen: string[] = [];
  for (let count = 0; !existsSync(`${eventsFile(roots)}.1`); count++) recordEvent(roots, happened(String(count)));
  expect(existsSync(eventsFile(roots))).toBe(false);
  for (let time = 0; time < 3; time++) {
    const read = readEvents(roots, cursor);
    seen.push(...read.events.map(({ action }) => action));
    cursor = read.cursor;
  }
  expect(seen).toHaveLength(new Set(seen).size);
  recordEvent(roots, happened("next"));
  expect(readEvents(roots, cursor).events.map(({ action }) => action)).toEqual(["next"]);
});

test("a file isn't retired while somebody writes to it, and who comes to write to it later takes the new one", () => {
  const roots = temporaryRoots();
  recordEvent(roots, happened("first"));
  const fd = openSync(eventsFile(roots), "a");
  performOne(step("flock", [fd, LOCK.SH], { why: "another writer, in the middle of it" }));
  for (let count = 0; count < 5000; count++) recordEvent(roots, happened("many"));
  const old = fstatSync(fd);
  expect(statSync(eventsFile(roots)).ino).toBe(old.ino);
  closeSync(fd);
  recordEvent(roots, happened("last of the old"));
  recordEvent(roots, happened("first of the new"));
  expect(statSync(`${eventsFile(roots)}.1`).ino).toBe(old.ino);
  expect(readEvents(roots, { inode: old.ino, at: old.size }).events.map(({ action }) => action)).toEqual([
    "last of the old",
    "first of the new",
  ]);
});

test("of four that write at once, a reader who follows over many retirements gets each event once", async () => {
  const roots = temporaryRoots();
  const script = await buildScript("test/fixtures/write-events.ts");
  const writers = [1, 2, 3, 4].map((writer) => spawn(process.execPath, [script, roots.root, `${writer}`, "6000"]));
  let running = writers.length;
  for (const writer of writers) writer.on("exit", () => running--);
  const waiting: (typeof writers)[number][] = [];
  for (const writer of writers) writer.stdout.on("data", () => waiting.push(writer));
  const seen: string[] = [];
  let { cursor } = readEvents(roots);
  for (let isLast = false; !isLast; ) {
    isLast = running === 0;
    const read = readEvents(roots, cursor);
    seen.push(...read.events.map(({ action }) => action));
    cursor = read.cursor;
    for (const writer of waiting.splice(0)) writer.stdin.write("!");
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(seen).toHaveLength(24_000);
  expect(new Set(seen).size).toBe(24_000);
});
