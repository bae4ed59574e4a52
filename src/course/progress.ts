// How far a student has come: one file in the workshop, that one can read, copy and hand in. What isn't known of a lesson
// isn't in it.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { writeAsOwner } from "./owner.ts";

export const PROGRESS_FILE = "progress.json";

export interface Progress {
  /** By their names: `03-namespaces`. */
  lessons: Record<string, LessonProgress>;
}

export interface LessonProgress {
  /** Ids of the goals that were reached once: they stay lit. */
  goals?: string[];
  /** When one run reached all of them, as ISO 8601. */
  passed?: string;
  /** When it was read to its end. */
  read?: string;
  /** Which rung a hint was climbed to, 1 to 3, by `goal/hint`. */
  hints?: Record<string, number>;
  /** Digest of the module that failed last. */
  tried?: string;
}

/** Of a workshop. Throws UserError for a file that isn't one of ours. */
export function readProgress(workshop: string): Progress {
  const path = join(workshop, PROGRESS_FILE);
  if (!existsSync(path)) return { lessons: {} };
  try {
    const { lessons } = JSON.parse(readFileSync(path, "utf8")) as Progress;
    return { lessons: lessons ?? {} };
  } catch (error) {
    const hint = "take it away, and what you have reached is found out again";
    throw new UserError(`${path} can't be read: ${(error as Error).message}`, { hint });
  }
}

/** Changes what is known of one lesson, in one go: who is interrupted loses nothing. */
export function changeProgress(
  workshop: string,
  name: string,
  change: (lesson: LessonProgress) => LessonProgress,
): void {
  const { lessons } = readProgress(workshop);
  writeProgress(workshop, { lessons: { ...lessons, [name]: change(lessons[name] ?? {}) } });
}

export function writeProgress(workshop: string, progress: Progress): void {
  writeAsOwner(join(workshop, PROGRESS_FILE), `${JSON.stringify(progress, null, 2)}\n`);
}

export function hasPassed({ lessons }: Progress, name: string): boolean {
  return lessons[name]?.passed !== undefined;
}
