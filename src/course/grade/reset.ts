// The exercise as it is shipped, back in the workshop. What the student wrote is kept beside it, under the next free name.

import { chownSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  writeFileSync(path, exercise);
  giveTo(workshop, path);
  return { path, ...(kept !== undefined && { kept }) };
}

function freeName(workshop: string, name: string): string {
  for (let number = 1; ; number++) {
    const path = join(workshop, `${name}.kept-${number}.ts`);
    if (!existsSync(path)) return path;
  }
}

/** Root works for whoever's folder it is. */
function giveTo(workshop: string, path: string): void {
  const { uid, gid } = statSync(workshop);
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}
