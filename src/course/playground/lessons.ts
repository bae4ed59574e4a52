// The lessons for the page, as JSON: which there are, and one of them.

import { existsSync } from "node:fs";
import { recordedMachine } from "../../10-containers/explain/record.ts";
import { LANGUAGES, type Language, lessonFile, lessonNames, readLesson } from "../lesson/index.ts";
import { revealOf } from "../lesson/reveal.ts";
import { hasPassed, readProgress } from "../progress.ts";
import { exerciseFile } from "../workshop.ts";
import { lessonHtml } from "./html/lesson-html.ts";
import type { SiteFile } from "./site.ts";

/** Below `/lessons/`: `en.json`, `03-namespaces.en.json`. Undefined for anything else. */
export function lessonText(path: string, workshop: string | undefined): SiteFile | undefined {
  const [, name, asked] = /^\/lessons\/(?:([\w-]+)\.)?(\w+)\.json$/.exec(path) ?? [];
  const language = LANGUAGES.find((each) => each === asked);
  if (language === undefined) return undefined;
  if (name === undefined) return json(listIn(language));
  return lessonsIn(language).includes(name) ? json(lessonIn(name, language, workshop)) : undefined;
}

function listIn(language: Language) {
  return lessonsIn(language).map((name) => ({ name, title: readLesson(name, language).title }));
}

function lessonIn(name: string, language: Language, workshop: string | undefined) {
  const lesson = readLesson(name, language);
  const mayReveal = workshop !== undefined && hasPassed(readProgress(workshop), name);
  const { cgroups } = recordedMachine();
  const html = lessonHtml(lesson, {
    machine: cgroups === "none" ? "v2" : cgroups,
    deeper: 1,
    revealOf: (code) => (mayReveal ? revealOf(code, exerciseFile(workshop, name)).lines : undefined),
  });
  return { name, title: lesson.title, html };
}

/** While it is written, a lesson may be there in one language only. */
export function lessonsIn(language: Language): string[] {
  return lessonNames().filter((name) => existsSync(lessonFile(name, language)));
}

function json(value: unknown): SiteFile {
  return { type: "application/json", body: Buffer.from(JSON.stringify(value)) };
}
