// One attempt at a lesson's exercise: the student's module is run where it can do no harm, judged, and what was reached is
// written down in the workshop.

import { existsSync, readFileSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { engineCommand } from "../lab/views.ts";
import { openLab } from "../lab.ts";
import { changeProgress, hasPassed, readProgress } from "../progress.ts";
import { takeTurn } from "../turns.ts";
import { exerciseFile } from "../workshop.ts";
import { type Graded, grade } from "./grade.ts";
import { labPlace } from "./lab-place.ts";
import { checkedLessons, type Lesson } from "./lesson.ts";
import { hostPlace, type Place } from "./place.ts";
import type { Standing } from "./report.ts";
import { triedRuntime } from "./runtime.ts";
import { progressAfter, standingIn } from "./standing.ts";

export interface AttemptAsked {
  roots: Roots;
  workshop: string;
  lesson: Lesson;
  /** Here, with the power of our own user, instead of in a lab. */
  onHost: boolean;
  signal: AbortSignal;
  isAsked?: boolean;
  isQuiet?: boolean;
}

export interface Attempted {
  graded: Graded;
  standing: Standing;
}

type Import = (url: string) => Promise<Record<string, unknown>>;

/** Throws UserError where there is no module, or no place to run it. */
export async function attempt(asked: AttemptAsked, importModule: Import): Promise<Attempted> {
  const { workshop, lesson, signal, isAsked = false, isQuiet = false } = asked;
  const path = exerciseFile(workshop, lesson.name);
  if (!existsSync(path)) {
    const hint = `./mini-docker learn reset ${lesson.number} puts the exercise there`;
    throw new UserError(`there is no ${path}`, { hint });
  }
  const module = readFileSync(path, "utf8");
  const turn = await takeTurn(asked.roots, signal);
  let place: Place | undefined;
  try {
    place = await placeFor(asked);
    const runtime = triedRuntime(engineCommand(), lesson.number, { stage: lesson.number, path });
    const graded = await grade({ place, runtime, lesson, signal }, importModule);
    const before = readProgress(workshop).lessons[lesson.name] ?? {};
    const after = progressAfter(before, { graded, module, isAsked, isQuiet });
    changeProgress(workshop, lesson.name, () => after);
    return { graded, standing: standingIn(before, after, graded) };
  } finally {
    await place?.close();
    turn.close();
  }
}

async function placeFor({ roots, workshop, onHost }: AttemptAsked): Promise<Place> {
  return onHost ? hostPlace(roots) : labPlace(roots, await openLab(roots, { workshop }));
}

/** The first lesson whose exercise hasn't passed; the last one when all have. */
export function lessonAtHand(workshop: string): Lesson {
  const progress = readProgress(workshop);
  const lessons = checkedLessons();
  const found = lessons.find(({ name }) => !hasPassed(progress, name)) ?? lessons.at(-1);
  if (found) return found;
  throw new UserError("there are no exercises in this package");
}
