// The lessons that there are, and their texts.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { packageFolder } from "../package-folder.ts";
import type { Language, Lesson } from "./lesson.ts";
import { parseLesson } from "./parse.ts";
import { LessonMistake } from "./pieces.ts";

export const LANGUAGES: Language[] = ["en", "zh"];

/** `00-why`, `01-syscalls`, …: those that have a text. */
export function lessonNames(folder: string = packageFolder()): string[] {
  const path = join(folder, "lessons");
  const names = existsSync(path) ? readdirSync(path).filter((name) => /^\d\d-/.test(name)) : [];
  return names.filter((name) => existsSync(lessonFile(name, "en", folder))).sort();
}

/** Such a file of each lesson that has it. */
export function lessonFiles(file: string, folder: string = packageFolder()): { name: string; path: string }[] {
  const path = join(folder, "lessons");
  const names = readdirSync(path).filter((name) => /^\d\d-/.test(name) && existsSync(join(path, name, file)));
  return names.sort().map((name) => ({ name, path: join(path, name, file) }));
}

/** `3`, `03` or `03-namespaces`. Throws UserError for one that there isn't. */
export function lessonNamed(given: string, folder: string = packageFolder()): string {
  const names = lessonNames(folder);
  const found = names.find((name) => name === given || name.startsWith(`${given.padStart(2, "0")}-`));
  if (found) return found;
  throw new UserError(`there is no lesson ${given}: there are ${names.join(", ")}`);
}

export function lessonFile(name: string, language: Language, folder: string = packageFolder()): string {
  return join(folder, "lessons", name, language === "en" ? "lesson.md" : `lesson.${language}.md`);
}

/** Throws UserError with the file and the line of what is wrong in it. */
export function readLesson(name: string, language: Language, folder: string = packageFolder()): Lesson {
  const path = lessonFile(name, language, folder);
  if (!existsSync(path)) throw new UserError(`lesson ${name} isn't there in "${language}"`);
  return inFile(path, () => parseLesson(readFileSync(path, "utf8"), { name, language }));
}

export function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof LessonMistake) throw new UserError(`${path}:${error.message}`);
    throw error;
  }
}
