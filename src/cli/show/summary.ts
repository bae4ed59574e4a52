// What a list of system calls adds up to: how many, how long the kernel took, and which stage's they were.

import type { Ran } from "../../10-containers/explain/ran.ts";
import type { Look } from "./explain.ts";
import { stageTitle } from "./stage-titles.ts";
import { callTime } from "./units.ts";
import { padTo } from "./width.ts";

export function summaryLines(all: Ran[], look: Look): string[] {
  const made = all.filter(({ outcome }) => outcome !== "planned" && outcome !== "left out");
  const isPlanOnly = made.length === 0;
  const [counted, title] = isPlanOnly
    ? [all, `${counting(all.length, "system call")}, none of them made`]
    : [made, `${counting(made.length, "system call")}, ${callTime(workNs(made))} in the kernel`];
  return [
    "━".repeat(look.columns),
    look.paint.bold(title),
    "",
    ...stageLines(counted, look),
    ...(isPlanOnly ? [] : ["", ...footnotes(all)]),
  ];
}

function counting(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

// ---- by stage

function stageLines(steps: Ran[], look: Look): string[] {
  const names = [...new Set(steps.map(({ stage }) => stage))].sort();
  const stages = names.map((name) => ({ name, own: steps.filter(({ stage }) => stage === name) }));
  const most = Math.max(...stages.map(({ own }) => workNs(own)));
  return stages.map(({ name, own }) => stageLine(name, own, most, look));
}

const LONGEST_BAR = 30;

function stageLine(stage: string, own: Ran[], most: number, { paint, columns }: Look): string {
  const { badge, name } = stageTitle(stage, paint);
  const ns = workNs(own);
  const count = `${badge} ${padTo(name, 12)} ${String(own.length).padStart(4)} ${own.length === 1 ? "call " : "calls"}`;
  if (most === 0) return count.trimEnd();
  const longest = Math.min(LONGEST_BAR, columns - 40);
  return `${count}  ${callTime(ns).padStart(7)}  ${paint.cyan(bar((ns / most) * longest))}`.trimEnd();
}

/** Eighths of a column, so that small shares show too. */
function bar(columns: number): string {
  const eighths = Math.round(columns * 8);
  return "█".repeat(Math.floor(eighths / 8)) + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]!;
}

// ---- what the counts do not say

function footnotes(all: Ran[]): string[] {
  const count = (outcome: Ran["outcome"]) => all.filter((ran) => ran.outcome === outcome).length;
  const waited = all.filter(({ isWait }) => isWait).reduce((sum, { ns = 0 }) => sum + ns, 0);
  const notes: [number, string][] = [
    [count("allowed"), "refused, which is fine"],
    [count("left out"), "left out: an earlier call had found nothing to do"],
    [count("planned"), isStarted(all) ? "not needed any more" : "never reached"],
  ];
  const counted = notes.filter(([times]) => times > 0);
  return [
    ...counted.map(([times, note]) => `${times} ${times === 1 ? "was" : "were"} ${note}`),
    ...(waited > 0 ? [`${callTime(waited)} went by waiting for one another`] : []),
  ];
}

function isStarted(all: Ran[]): boolean {
  return all.some(({ list, step, outcome }) => list === "inside" && step.call === "execve" && outcome === "done");
}

/** Waiting is no work. */
function workNs(steps: Ran[]): number {
  return steps.filter(({ isWait }) => !isWait).reduce((sum, { ns = 0 }) => sum + ns, 0);
}
