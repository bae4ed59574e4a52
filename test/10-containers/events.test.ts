import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type EventCursor, eventsEnd, readEvents, recordEvent } from "../../src/10-containers/events.ts";
import { eventsFile } from "../../src/10-containers/folders.ts";

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
  expect(readdirSync(dirname(eventsFile(roots))).sort()).toEqual([
    "events.jsonl",
    "events.jsonl.1",
    "events.jsonl.lock",
  ]);
});

test("from the beginning means what is left of it: the old file and the new one", () => {
  const roots = temporaryRoots();
  for (let count = 0; count < 10_000; count++) recordEvent(roots, happened(String(count)));
  const actions = readEvents(roots).events.map(({ action }) => Number(action));
  expect(actions.length).toBeLessThan(9000);
  expect(actions.at(-1)).toBe(9999);
  expect(actions.at(-1)! - actions[0]! + 1).toBe(actions.length);
});
