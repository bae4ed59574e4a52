// A check's result on the screen: the goals, one hint, and the student's own list of calls with the one that matters marked.

import type { Graded } from "../../../course/grade/grade.ts";
import type { Judged } from "../../../course/grade/judge.ts";
import type { Standing } from "../../../course/grade/report.ts";
import type { Seen, SeenCall } from "../../../course/grade/seen.ts";
import type { Language } from "../../../course/lesson/lesson.ts";
import { bare, flow } from "../lesson/flow.ts";
import type { Ink } from "../lesson/ink.ts";
import { displayWidth, padTo, truncate } from "../width.ts";
import { fitted } from "../wrap-words.ts";
import { WORDS } from "./words.ts";

export interface ResultLook {
  language: Language;
  columns: number;
  ink: Ink;
  /** ` 02 ` in the stage's colour, and what the stage is called. */
  title: { badge: string; name: string; about: string };
  /** More hints can be had: it is an exercise in a workshop. */
  hasMore: boolean;
}

/** Lines for people. `standing` is before this run, but for the rung of the hint that is shown. */
export function resultLines({ judged, lesson, passed, seen }: Graded, standing: Standing, look: ResultLook): string[] {
  const { language, ink, title } = look;
  const words = WORDS[language];
  const open = judged.find(({ reached }) => !reached);
  const reached = judged.filter(({ reached: is }) => is).length;
  const seconds = (seen.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(1);
  const isLit = judged.every(({ goal, reached: is }) => is || standing.reached.includes(goal.id));
  const isOnceEach = !passed && !standing.hasPassed && isLit;
  return [
    `${title.badge} ${ink.title(title.name)}  ${ink.faint(words.about[lesson.number] ?? title.about)}`,
    "",
    ...judged.flatMap((each) => goalLines(each, standing, look)),
    ...(open ? hintLines(open, standing, lesson.number, look) : []),
    ...(open ? callLines(open, look) : []),
    ...(open?.seen ? leftLines(open.seen, look) : []),
    "",
    passed
      ? `  ${ink.right.bold(words.passed(lesson.number))} ${ink.faint(`${seconds} s`)}`
      : `  ${words.tally(reached, judged.length)} ${ink.faint(`· ${seconds} s`)}`,
    ...(isOnceEach ? [`${INDENT}${words.again}`] : []),
  ];
}

const INDENT = "  ";

function goalLines({ goal, reached }: Judged, { reached: before }: Standing, { language, columns, ink }: ResultLook) {
  const isEarlier = !reached && before.includes(goal.id);
  const text = isEarlier ? `${goal.goal[language]} (${WORDS[language].earlier})` : goal.goal[language];
  const sign = signOf(reached, isEarlier, ink);
  const paint = reached || isEarlier ? bare : ink.strong;
  const lines = flow([{ text, paint }], columns - displayWidth(sign) - INDENT.length - 1);
  return lines.map((line, index) => `${INDENT}${index === 0 ? sign : " ".repeat(displayWidth(sign))} ${line}`);
}

function signOf(reached: boolean, isEarlier: boolean, { isPlain, right, wrong, faint }: Ink): string {
  if (isPlain) return reached ? "[x]" : isEarlier ? "[-]" : "[ ]";
  return reached ? right("✓") : isEarlier ? faint("✓") : wrong("✗");
}

function hintLines(
  open: Judged,
  { rungOf }: Standing,
  number: string,
  { language, columns, ink, hasMore }: ResultLook,
): string[] {
  const words = WORDS[language];
  const rung = Math.min(3, Math.max(1, rungOf(open.goal.id)));
  const said = open.hint!.say[rung - 1]![language];
  return [
    "",
    `${INDENT}${ink.question(words.hint(rung))}`,
    ...said
      .split("\n")
      .flatMap((line) => fitted(line, columns - 4))
      .map((line) => `    ${line}`),
    ...(rung < 3 && hasMore ? [`    ${ink.faint(words.more(number))}`] : []),
  ];
}

/** Theirs, and whichever was refused. */
function callLines({ seen, hint }: Judged, look: ResultLook): string[] {
  const shown = (seen.calls ?? []).filter(({ isTheirs, outcome }) => isTheirs || outcome === "failed");
  if (!shown.some(({ isTheirs }) => isTheirs)) return [];
  const isMarked = (call: SeenCall) => hint?.marks?.(call, seen) ?? false;
  const column = Math.min(44, Math.max(...shown.map(({ call }) => displayWidth(call))));
  const lines = shown.map((call) => callLine(call, { isMarked: isMarked(call), column }, look));
  return ["", `${INDENT}${look.ink.heading(WORDS[look.language].calls)}`, ...lines];
}

interface CallPlace {
  isMarked: boolean;
  /** How wide the calls are, so that what is said of them stands in a column. */
  column: number;
}

function callLine(call: SeenCall, { isMarked, column }: CallPlace, { language, columns, ink }: ResultLook): string {
  const words = WORDS[language];
  const isWrong = call.outcome === "failed" || isMarked;
  const [note, paintNote] =
    call.outcome === "failed"
      ? [`= ${call.errno}  ◀ ${words.refused}`, ink.wrong]
      : isMarked
        ? [`◀ ${words.look}`, ink.wrong]
        : [call.outcome === "planned" ? words.neverMade : `# ${call.why}`, ink.faint];
  const place = `${INDENT}${isWrong ? "▸" : " "} ${String(call.n).padStart(3)}  `;
  const room = columns - displayWidth(place);
  const noteRoom = isWrong ? displayWidth(note) + 2 : 0;
  const text = padTo(truncate(call.call, room - noteRoom), Math.min(column, room - noteRoom));
  const paint = isWrong ? ink.wrong : call.outcome === "planned" ? ink.faint : ink.code;
  const isFitting = displayWidth(text) + 2 + displayWidth(note) <= room;
  return `${ink.faint(place)}${paint(text)}${isFitting ? `  ${paintNote(note)}` : ""}`.trimEnd();
}

function leftLines({ left }: Seen, { language, columns, ink }: ResultLook): string[] {
  const all = [...left.processes, ...left.mounts, ...left.groups];
  if (all.length === 0) return [];
  return [
    "",
    `${INDENT}${ink.wrong(WORDS[language].left)}`,
    ...all.map((each) => `    ${truncate(each, columns - 4)}`),
  ];
}
