// What a list of system calls adds up to: how many, how long the kernel took, and which stage's they were.

import type { Ran } from "../10-containers/ran.ts";
import type { Look } from "./explain.ts";
import { stageTitle } from "./stage-titles.ts";
import { callTime } from "./units.ts";

export function summaryLines(all: Ran[], look: Look): string[] {
  const { paint, columns } = look;
  const made = all.filter(({ outcome }) => outcome !== "planned");
  const title = made.length === 0 ? `${all.length} system calls, none of them made` : madeTitle(made);
  return [
    "━".repeat(columns),
    paint.bold(title),
    "",
    ...stageLines(made.length === 0 ? all : made, look),
    ...(made.length === 0 ? [] : ["", ...footnotes(all)]),
  ];
}

function madeTitle(made: Ran[]): string {
  const called = made.filter(({ outcome }) => outcome !== "left out");
  return `${called.length} system calls, ${callTime(workNs(made))} in the kernel`;
}

function stageLines(steps: Ran[], look: Look): string[] {
  const names = [...new Set(steps.map(({ stage }) => stage))].sort();
  const stages = names.map((name) => ({ name, own: steps.filter(({ stage }) => stage === name) }));
  const most = Math.max(...stages.map(({ own }) => workNs(own)));
  return stages.map(({ name, own }) => stageLine(name, own, most, look));
}

const BAR = 30;

function stageLine(stage: string, own: Ran[], most: number, { paint }: Look): string {
  const { badge, name } = stageTitle(stage, paint);
  const ns = workNs(own);
  const counted = `${badge} ${name.padEnd(12)} ${String(own.length).padStart(4)} calls`;
  if (most === 0) return counted;
  return `${counted}  ${callTime(ns).padStart(7)}  ${paint.cyan(bar(ns / most))}`.trimEnd();
}

/** Eighths of a column, so that small shares show too. */
function bar(share: number): string {
  const eighths = Math.round(share * BAR * 8);
  return "█".repeat(Math.floor(eighths / 8)) + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]!;
}

/** What the counts above do not say. */
function footnotes(all: Ran[]): string[] {
  const count = (outcome: Ran["outcome"]) => all.filter((ran) => ran.outcome === outcome).length;
  const waited = all.filter(({ isWait }) => isWait).reduce((sum, { ns = 0 }) => sum + ns, 0);
  const isStarted = all.some(
    ({ list, step, outcome }) => list === "inside" && step.call === "execve" && outcome === "done",
  );
  const notes: [boolean, string][] = [
    [count("allowed") > 0, `${were(count("allowed"))} refused, which is fine`],
    [count("left out") > 0, `${were(count("left out"))} left out: an earlier call had found nothing to do`],
    [count("planned") > 0, `${were(count("planned"))} ${isStarted ? "not needed any more" : "never reached"}`],
    [waited > 0, `${callTime(waited)} went by waiting for one another`],
  ];
  return notes.filter(([holds]) => holds).map(([, note]) => note);
}

function were(count: number): string {
  return `${count} ${count === 1 ? "was" : "were"}`;
}

/** Waiting is no work. */
function workNs(steps: Ran[]): number {
  return steps
    .filter(({ isWait, outcome }) => !isWait && outcome !== "left out")
    .reduce((sum, { ns = 0 }) => sum + ns, 0);
}
