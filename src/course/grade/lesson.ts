// The lessons as programs: folders `lessons/NN-name` that have a try.ts, and most of them a check.ts.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { lessonNames } from "../lesson/folder.ts";
import { packageFolder } from "../package-folder.ts";

export interface Lesson {
  /** `02` */
  number: string;
  /** `02-rootfs` */
  name: string;
  folder: string;
}

/** Those that can be tried, in their order. */
export function allLessons(): Lesson[] {
  const all = join(packageFolder(), "lessons");
  const names = readdirSync(all).filter((name) => existsSync(join(all, name, "try.ts")));
  return names.sort().map((name) => ({ number: name.slice(0, 2), name, folder: join(all, name) }));
}

/** Those that have something to check. */
export function checkedLessons(): Lesson[] {
  return allLessons().filter(({ folder }) => existsSync(join(folder, "check.ts")));
}

/** The lesson called `2`, `02` or `02-rootfs`. Throws UserError where there is none. */
export function lessonNamed(given: string, lessons = allLessons()): Lesson {
  const found = lessons.find(({ number, name }) => name === given || number === given.padStart(2, "0"));
  if (found) return found;
  const names = lessons.map(({ number }) => number).join(", ");
  if (lessonNames().some((name) => name === given || name.startsWith(`${given.padStart(2, "0")}-`)))
    throw new UserError(`lesson ${given} has no exercise`, { hint: `these have one: ${names}` });
  throw new UserError(`no lesson is called ${JSON.stringify(given)}`, { hint: `there are ${names}` });
}
