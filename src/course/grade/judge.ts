// Goals are asked of what was seen, and of each that isn't reached the hint that fits is chosen.

import type { Check, Goal, Hint } from "./check.ts";
import { generalHint } from "./general-hints.ts";
import type { Seen } from "./seen.ts";

export interface Judged {
  goal: Goal;
  /** Of its scenario. */
  seen: Seen;
  reached: boolean;
  /** Of one that isn't reached. */
  hint?: Hint;
}

/** In the order of the check. Throws what a check's own functions throw. */
export function judge({ scenarios, goals }: Check, all: Seen[]): Judged[] {
  return goals.map((goal) => {
    const seen = all.find(({ scenario }) => scenario === (goal.scenario ?? scenarios[0]!.id))!;
    const reached = canBeReached(goal, seen, all) && goal.reached(seen);
    return { goal, seen, reached, ...(!reached && { hint: hintFor(goal, seen) }) };
  });
}

/**
 * Of a probe that nobody saw nothing is known, and two have shown nothing. One that was ended before it had done all might
 * have done anything. To refuse is a merit only in a runtime that starts what is right.
 */
function canBeReached({ evenUnseen = false, evenKilled = false }: Goal, seen: Seen, all: Seen[]): boolean {
  const refuses = seen.outcome === "not started" && all.some((other) => other.outcome === "seen");
  return (seen.outcome === "seen" && (evenKilled || seen.ended === "by itself")) || (evenUnseen && refuses);
}

/** What made it impossible to look comes before what the lesson has to say. */
function hintFor({ hints, goal }: Goal, seen: Seen): Hint {
  const isBlind = seen.error !== undefined || !["seen", "not started"].includes(seen.outcome);
  const fitting = isBlind ? undefined : hints.find(({ when }) => when(seen));
  return fitting ?? generalHint(seen, goal);
}

/** One run has reached all of it. */
export function isPassed(judged: Judged[]): boolean {
  return judged.every(({ reached }) => reached);
}
