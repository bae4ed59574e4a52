// The other end of a stepped run: a start that stands still before each call until somebody says how to go on. A start
// blocks the process it happens in, so this is a process of its own, which is told by a byte and tells in lines of JSON.
//
//   page ── step ──► server ── "n" ──► this process ── one system call
//   page ◄── ran ─── server ◄─ line ── this process, which looks at /proc meanwhile

import { readSync, writeSync } from "node:fs";
import { Observer } from "../../10-containers/explain/changes.ts";
import { History, type Ran } from "../../10-containers/explain/ran.ts";
import { recordedMachine, recordedStep } from "../../10-containers/explain/record.ts";
import { GivenUp, type Watch } from "../../10-containers/explain/watch.ts";
import type { Told } from "./messages.ts";

/** What may be said: make the next call, make all that are left. Anything else, or nobody, ends it. */
export const GO_ON = { next: "n", rest: "r" } as const;

/** `command` is what was asked for, as it is typed. */
export function walkWatch(command: string[]): Watch {
  const observer = new Observer();
  let history = new History([]);
  let isFree = false;

  const wait = (next: Ran) => {
    if (isFree) return;
    const said = readByte();
    isFree = said === GO_ON.rest;
    if (!isFree && said !== GO_ON.next) throw new GivenUp(next.step.call);
  };
  const ran = (one: Ran, launched: Parameters<Observer["changes"]>[0] | undefined) => {
    const { all } = history;
    const next = all.slice(all.indexOf(one) + 1).find(({ list, outcome }) => list !== "after" && outcome === "planned");
    const step = recordedStep(one, all.indexOf(one) + 1, launched ? observer.changes(launched) : []);
    tell({ ran: step, ...(next && { next: { call: history.spellNext(next), why: next.step.why } }) });
    return next;
  };

  return {
    stepping: true,
    onPlan: (steps) => {
      history = new History(steps);
      tell({ run: { command, machine: recordedMachine() }, total: steps.length });
      wait(history.all[0]!);
    },
    onStep: (traced, launched) => {
      const one = history.step(traced);
      const next = ran(one, one.list === "after" ? undefined : launched);
      if (next && one.list !== "after" && one.outcome !== "failed") wait(next);
    },
    onEnd: (outcome) => {
      history.end(outcome);
      const last = history.all.findLast(({ list, outcome }) => list === "inside" && outcome === "done");
      if ("pid" in outcome && last) ran(last, outcome);
      if ("pid" in outcome) return tell({ runEnded: "started" });
      const hasFailed = history.all.some(({ outcome }) => outcome === "failed");
      tell({ runEnded: hasFailed ? "failed" : "ended", error: (outcome.error as Error).message });
    },
  };
}

function tell(told: Told): void {
  const bytes = Buffer.from(`${JSON.stringify(told)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

/** "" when nobody is there any more. */
export function readByte(): string {
  const byte = Buffer.alloc(1);
  return readSync(0, byte, 0, 1, null) === 0 ? "" : byte.toString("latin1");
}
