// `--explain`: a container as the list of system calls it is. Where a call ran, which stage decided it, the call as strace
// would print it, what came of it, how long it took, and why it is there.
//
// Narrow, the reason stands below its call; from 120 columns on beside it.

import type { ChalkInstance } from "chalk";
import type { ListName } from "../../01-syscalls/index.ts";
import type { Ran } from "../../10-containers/explain/ran.ts";
import { callLines } from "./call-lines.ts";
import { stageTitle } from "./stage-titles.ts";
import { summaryLines } from "./summary.ts";
import { callTime } from "./units.ts";
import { displayWidth, padTo, truncate } from "./width.ts";
import { wrapWords } from "./wrap-words.ts";

export interface Look {
  columns: number;
  paint: ChalkInstance;
  /** In the reader's language what is given in English; as it is, unless said. */
  say?: (english: string) => string;
}

const PLACES: Record<ListName, [name: string, about: string]> = {
  before: ["launcher", "on the host, before there is a child"],
  beside: ["mini-docker", "on the host, while the child waits"],
  after: ["launcher", "still on the host: it becomes the monitor"],
  inside: ["child", "from the host into the container, to become the program"],
};

const asItIs = (english: string): string => english;

/** The whole list, group by group, and its sum. A failed start ends with the call that failed. */
export function explanation(all: Ran[], look: Look): string {
  const shown = shownOf(all);
  const lines = shown.flatMap((ran, index) => [
    ...headings(ran, shown[index - 1], look),
    ...stepLines(ran, { ...look, number: all.indexOf(ran) + 1, isSaid: isSaidAlready(ran, shown[index - 1]) }),
  ]);
  return [...lines, "", ...summaryLines(all, look), ""].join("\n");
}

/** What never came to be called after a failure is left away; the sum counts it. */
function shownOf(all: Ran[]): Ran[] {
  const failed = all.findIndex(({ outcome }) => outcome === "failed");
  return failed < 0 ? all : all.filter(({ outcome }) => outcome !== "planned");
}

// ---- headings

/** A rule where the place changes, a line where the deciding function does: each such line is one of plan.ts. */
export function headings(ran: Ran, before: Ran | undefined, look: Look): string[] {
  const isElsewhere = before?.list !== ran.list;
  const isOthers = isElsewhere || before.stage !== ran.stage;
  const lines = isElsewhere ? ["", placeLine(ran.list, look)] : [];
  return isOthers || before.by !== ran.by ? [...lines, "", groupLine(ran, isOthers, look)] : lines;
}

function placeLine(list: ListName, { columns, paint, say = asItIs }: Look): string {
  const [name, about] = PLACES[list];
  const text = truncate(`━━━ ${name}  ${say(about)}  `, columns);
  return text.replace(name, paint.bold(name)) + "━".repeat(columns - displayWidth(text));
}

/** What a stage is about is said where it begins, if there is room. */
function groupLine({ stage, by, file }: Ran, begins: boolean, { columns, paint, say = asItIs }: Look): string {
  const { badge, name, about: english } = stageTitle(stage, paint);
  const about = say(english);
  const title = `${badge} ${paint.bold(name)}  ${by}`;
  if (file !== undefined) return `${title}  ${paint.yellow(file)}`;
  const room = columns - displayWidth(title) - displayWidth(about);
  return begins && room > 0 ? `${title}${" ".repeat(room)}${about}` : title;
}

// ---- a step

interface StepLook extends Look {
  number: number;
  /** The reason is the same as that of the call before. */
  isSaid: boolean;
}

const WIDE = 120;
const GUTTER = 6;
const TIME = 7;

export function stepLines(ran: Ran, look: StepLook): string[] {
  return look.columns < WIDE ? stacked(ran, look) : sideBySide(ran, look);
}

function stacked(ran: Ran, { columns, paint, number, isSaid, say = asItIs }: StepLook): string[] {
  const room = columns - GUTTER - TIME - 2;
  const [first = "", ...more] = callLines(ran, { first: room, more: columns - GUTTER }, paint);
  const why = isSaid ? [] : wrapWords(say(ran.step.why), columns - GUTTER - 2);
  return [
    `${numberOf(number, paint)}${padTo(first, room)}  ${timeColumn(ran, paint)}`.trimEnd(),
    ...more.map(indent),
    ...why.map((line) => indent(`${paint.dim("#")} ${line}`)),
  ];
}

function sideBySide(ran: Ran, { columns, paint, number, isSaid, say = asItIs }: StepLook): string[] {
  const right = Math.min(52, Math.round(columns * 0.28));
  const room = columns - GUTTER - right - TIME - 5;
  const calls = callLines(ran, { first: room, more: room }, paint);
  const why = isSaid ? [] : wrapWords(say(ran.step.why), right);
  return Array.from({ length: Math.max(calls.length, why.length) }, (_, index) => {
    const [gutter, time] =
      index === 0 ? [numberOf(number, paint), timeColumn(ran, paint)] : [" ".repeat(GUTTER), " ".repeat(TIME)];
    return `${gutter}${padTo(calls[index] ?? "", room)}  ${time}   ${why[index] ?? ""}`.trimEnd();
  });
}

function numberOf(number: number, paint: ChalkInstance): string {
  return `${paint.dim(String(number).padStart(GUTTER - 2))}  `;
}

/** Empty where nobody took it; slow calls stand out. */
export function timeText({ ns, outcome, isWait }: Ran, paint: ChalkInstance): string {
  if (ns === undefined || outcome === "left out" || outcome === "failed") return "";
  const SLOW_NS = 1e6;
  return ns >= SLOW_NS && !isWait ? paint.yellow(callTime(ns)) : paint.dim(callTime(ns));
}

function timeColumn(ran: Ran, paint: ChalkInstance): string {
  const text = timeText(ran, paint);
  return " ".repeat(Math.max(0, TIME - displayWidth(text))) + text;
}

function indent(line: string): string {
  return " ".repeat(GUTTER) + line;
}

function isSaidAlready(ran: Ran, before: Ran | undefined): boolean {
  return before !== undefined && before.step.why === ran.step.why && before.by === ran.by && before.list === ran.list;
}
