// Where lessons are: `lessons/NN-name`, beside the bundle's folder in a package and in the source tree.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";

export interface Lesson {
  /** `02` */
  number: string;
  /** `02-rootfs` */
  name: string;
  folder: string;
}

/** All lessons, in their order. */
export function allLessons(): Lesson[] {
  const folder = lessonsFolder();
  const names = readdirSync(folder).filter((name) => /^\d\d-/.test(name));
  return names.sort().map((name) => ({ number: name.slice(0, 2), name, folder: join(folder, name) }));
}

/** Those that have something to check. */
export function checkedLessons(): Lesson[] {
  return allLessons().filter(({ folder }) => existsSync(join(folder, "check.ts")));
}

/** The lesson called `2`, `02` or `02-rootfs`. Throws UserError where there is none. */
export function lessonNamed(given: string, lessons = allLessons()): Lesson {
  const found = lessons.find(({ number, name }) => name === given || number === given.padStart(2, "0"));
  if (found) return found;
  const names = lessons.map(({ name }) => name).join(", ");
  throw new UserError(`no lesson is called ${JSON.stringify(given)}`, { hint: `there are ${names}` });
}

function lessonsFolder(): string {
  const places = ["../lessons", "../../../lessons"].map((place) => join(import.meta.dirname, place));
  return places.find((path) => existsSync(path)) ?? places[0]!;
}
