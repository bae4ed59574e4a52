// The exercise as it is shipped, back in the workshop. What the student wrote is kept beside it, under the next free name.

import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { writeAsOwner } from "../owner.ts";
import { exerciseFile } from "../workshop.ts";
import type { Lesson } from "./lesson.ts";

export interface Reset {
  path: string;
  /** Where theirs is now; undefined if there was none, or nothing was changed in it. */
  kept?: string;
}

export function resetExercise(workshop: string, { folder, name }: Lesson): Reset {
  const path = exerciseFile(workshop, name);
  const exercise = readFileSync(join(folder, "exercise.ts"), "utf8");
  const isChanged = existsSync(path) && readFileSync(path, "utf8") !== exercise;
  const kept = isChanged ? freeName(workshop, name) : undefined;
  if (kept !== undefined) renameSync(path, kept);
  writeAsOwner(path, exercise);
  return { path, ...(kept !== undefined && { kept }) };
}

function freeName(workshop: string, name: string): string {
  for (let number = 1; ; number++) {
    const path = join(workshop, `${name}.kept-${number}.ts`);
    if (!existsSync(path)) return path;
  }
}
