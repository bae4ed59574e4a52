// What writers of lessons have done for them: code is filled in, translations are marked, and what is wrong is said.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { packageFolder } from "../package-folder.ts";
import { filled } from "./fill.ts";
import { inFile, LANGUAGES, lessonFile, lessonNames, readLesson } from "./folder.ts";
import { glossaryProblems, readGlossary } from "./glossary.ts";
import { laterNameProblems } from "./later-names.ts";
import type { Language } from "./lesson.ts";
import { sourceText } from "./source.ts";
import { marked, translationProblems } from "./translation.ts";

/** The lessons' files whose code isn't what the source says now; with `write` they are mended. */
export function fillAll({ write }: { write: boolean }, folder: string = packageFolder()): string[] {
  return textsOf(folder).filter((path) => {
    const text = readFileSync(path, "utf8");
    const now = inFile(path, () => filled(text, ({ source }) => sourceText(source, folder)));
    if (now !== text && write) writeFileSync(path, now);
    return now !== text;
  });
}

/** All that a program can find wrong, each with its file and line. */
export function problemsOf(folder: string = packageFolder()): string[] {
  const glossary = readGlossary(folder);
  return lessonNames(folder).flatMap((name) => {
    const english = readLesson(name, "en", folder);
    const inEnglish = laterNameProblems(english, folder).map((what) => placedIn(name, "en", what, folder));
    if (!existsSync(lessonFile(name, "zh", folder))) return [...inEnglish, `lesson ${name} isn't there in Chinese`];
    const chinese = readLesson(name, "zh", folder);
    const problems = [
      ...translationProblems(english, chinese),
      ...glossaryProblems(english, chinese, glossary),
      ...laterNameProblems(chinese, folder),
    ];
    return [...inEnglish, ...problems.map((what) => placedIn(name, "zh", what, folder))];
  });
}

/** The Chinese lesson says what the English one says now: whoever translated it says so. */
export function markTranslated(name: string, folder: string = packageFolder()): void {
  const path = lessonFile(name, "zh", folder);
  const english = readFileSync(lessonFile(name, "en", folder), "utf8");
  writeFileSync(
    path,
    inFile(path, () => marked(english, readFileSync(path, "utf8"))),
  );
}

function textsOf(folder: string): string[] {
  const paths = lessonNames(folder).flatMap((name) => LANGUAGES.map((language) => lessonFile(name, language, folder)));
  return paths.filter((path) => existsSync(path));
}

function placedIn(name: string, language: Language, what: string, folder: string): string {
  return `${relative(folder, lessonFile(name, language, folder))}:${what}`;
}
