// The result of a check as data, for programs and for progress. Of a hint only as much is told as one has climbed to.

import type { Say } from "./check.ts";
import type { Graded } from "./grade.ts";
import type { Judged } from "./judge.ts";
import type { Seen } from "./seen.ts";

export interface Report {
  version: 1;
  /** `02-rootfs` */
  lesson: string;
  runtime: string;
  passed: boolean;
  goals: ReportedGoal[];
  /** What was seen, by scenario. */
  seen: Record<string, Seen>;
}

export interface ReportedGoal {
  id: string;
  goal: Say;
  reached: boolean;
  /** It was reached by an earlier run, and stays lit. */
  reachedBefore?: true;
  hint?: ReportedHint;
}

export interface ReportedHint {
  id: string;
  /** Which rung this is, 1 to 3. */
  rung: number;
  say: Say;
}

/** How far somebody has come: goals reached before, and the rung of each goal's hint. */
export interface Standing {
  /** One run has reached them all before. */
  hasPassed?: boolean;
  reached: readonly string[];
  rungOf(goal: string): number;
}

export const NEWCOMER: Standing = { reached: [], rungOf: () => 1 };

export function reportOf({ lesson, runtime, judged, seen, passed }: Graded, standing = NEWCOMER): Report {
  return {
    version: 1,
    lesson: lesson.name,
    runtime: runtime.name,
    passed,
    goals: judged.map((each) => goalOf(each, standing)),
    seen: Object.fromEntries(seen.map((each) => [each.scenario, each])),
  };
}

function goalOf({ goal, reached, hint }: Judged, { reached: before, rungOf }: Standing): ReportedGoal {
  const rung = Math.min(3, Math.max(1, rungOf(goal.id)));
  return {
    id: goal.id,
    goal: goal.goal,
    reached,
    ...(!reached && before.includes(goal.id) && { reachedBefore: true }),
    ...(hint && { hint: { id: hint.id, rung, say: hint.say[rung - 1]! } }),
  };
}
