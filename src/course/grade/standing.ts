// How far somebody has come with a lesson, and how a check changes that. Goals stay lit. A hint begins at its first rung, and
// goes up one when it is asked for, or when another attempt fails in the same way.

import { createHash } from "node:crypto";
import type { LessonProgress } from "../progress.ts";
import type { Graded } from "./grade.ts";
import type { Standing } from "./report.ts";

export interface Attempt {
  graded: Graded;
  /** What is in the student's file. */
  module: string;
  /** The next rung was asked for. */
  isAsked?: boolean;
  /** A check that nobody asked for, as after each save, climbs nothing. */
  isQuiet?: boolean;
}

/** What is known of the lesson after this attempt. */
export function progressAfter(before: LessonProgress, attempt: Attempt): LessonProgress {
  const { judged, passed } = attempt.graded;
  const reached = judged.filter((each) => each.reached).map(({ goal }) => goal.id);
  const hints = hintsAfter(before, attempt);
  return {
    ...before,
    goals: [...new Set([...(before.goals ?? []), ...reached])],
    ...(hints && { hints }),
    ...(!passed && { tried: digestOf(attempt.module) }),
    ...(passed && { passed: before.passed ?? new Date().toISOString() }),
  };
}

/** As it is shown after an attempt: what was reached before it, and the rungs that it has climbed to. */
export function standingIn(before: LessonProgress, after: LessonProgress, { judged }: Graded): Standing {
  const names = new Map(judged.flatMap(({ goal, hint }) => (hint ? [[goal.id, hintName(goal.id, hint.id)]] : [])));
  const rungOf = (goal: string) => after.hints?.[names.get(goal) ?? ""] ?? 1;
  return { hasPassed: before.passed !== undefined, reached: before.goals ?? [], rungOf };
}

function hintsAfter(before: LessonProgress, { graded, module, isAsked, isQuiet }: Attempt): LessonProgress["hints"] {
  const open = graded.judged.find(({ reached }) => !reached);
  if (open?.hint === undefined) return before.hints;
  const name = hintName(open.goal.id, open.hint.id);
  const rung = before.hints?.[name] ?? 0;
  const isAnother = !isQuiet && before.tried !== undefined && before.tried !== digestOf(module);
  const climbed = rung === 0 ? 1 : isAsked || isAnother ? rung + 1 : rung;
  return { ...before.hints, [name]: Math.min(3, climbed) };
}

function hintName(goal: string, hint: string): string {
  return `${goal}/${hint}`;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
