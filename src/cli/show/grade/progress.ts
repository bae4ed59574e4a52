// Progress on the screen: a line a lesson for one student, a line a student for a class.

import type { Student } from "../../../course/grade/gather.ts";
import type { LessonProgress } from "../../../course/progress.ts";
import { displayWidth, padTo, truncate } from "../width.ts";
import type { ResultLook } from "./result.ts";
import { WORDS } from "./words.ts";

export interface LessonGoals {
  name: string;
  goals: string[];
}

/** `✓ 02-rootfs   4/4   2026-11-28`, and dots for goals. */
export function progressLines({ progress }: Student, lessons: LessonGoals[], look: ResultLook): string[] {
  const { ink, language } = look;
  const width = Math.max(...lessons.map(({ name }) => name.length)) + 2;
  return lessons.map(({ name, goals }) => {
    const known = progress.lessons[name] ?? {};
    const lit = goals.filter((id) => known.goals?.includes(id)).length;
    const when = known.passed === undefined ? "" : WORDS[language].passedOn(known.passed.slice(0, 10));
    const signs = look.ink.isPlain ? "" : `${ink.right("●".repeat(lit))}${ink.faint("○".repeat(goals.length - lit))}`;
    return `${signOf(known, look)} ${name.padEnd(width)}${padTo(`${lit}/${goals.length}`, 6)}${padTo(signs, 12)}${when}`.trimEnd();
  });
}

function signOf({ passed }: LessonProgress, { ink }: ResultLook): string {
  if (ink.isPlain) return passed === undefined ? "[ ]" : "[x]";
  return passed === undefined ? ink.faint("·") : ink.right("✓");
}

const CELL = 6;

/** A column a lesson: ✓, or how many of its goals were reached once. */
export function classLines(students: Student[], lessons: LessonGoals[], look: ResultLook): string[] {
  const { ink, columns, language } = look;
  const names = [WORDS[language].student, WORDS[language].passedByAll, ...students.map(({ name }) => name)];
  const widest = Math.max(...names.map(displayWidth)) + 2;
  const width = Math.min(widest, Math.max(12, columns - CELL * (lessons.length + 1)));
  const heading = [...lessons.map(({ name }) => name.slice(0, 2)), WORDS[language].sum];
  const rows = students.map(({ name, progress }) => {
    const cells = lessons.map((lesson) => cellOf(progress.lessons[lesson.name] ?? {}, lesson, look));
    const passed = lessons.filter((lesson) => progress.lessons[lesson.name]?.passed !== undefined).length;
    return row(truncate(name, width - 1), [...cells, `${passed}/${lessons.length}`], width);
  });
  const sums = lessons.map(({ name }) => `${students.filter(({ progress }) => progress.lessons[name]?.passed).length}`);
  return [
    ink.heading(row(WORDS[language].student, heading, width)),
    ...rows,
    ink.faint(row(WORDS[language].passedByAll, sums, width)),
  ];
}

function cellOf({ passed, goals = [] }: LessonProgress, lesson: LessonGoals, { ink }: ResultLook): string {
  if (passed !== undefined) return ink.isPlain ? "x" : ink.right("✓");
  const lit = lesson.goals.filter((id) => goals.includes(id)).length;
  return lit === 0 ? ink.faint(".") : `${lit}/${lesson.goals.length}`;
}

function row(name: string, cells: string[], width: number): string {
  return `${padTo(name, width)}${cells.map((cell) => padTo(cell, CELL)).join("")}`.trimEnd();
}
