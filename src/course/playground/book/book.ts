// The book: the lessons as a folder of pages, in both languages, that a browser opens from the disk. It has the code, the
// recorded outputs, and a run to be walked through, and needs neither a server nor Linux.
//
//   OUT/index.html           which language?
//   OUT/en/index.html        the contents
//   OUT/en/03-namespaces.html
//   OUT/zh/…
//   OUT/book.css book.js fonts/ run.js

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../01-syscalls/index.ts";
import type { Recording } from "../../../10-containers/explain/record.ts";
import { LANGUAGES, type Language, type Lesson, readLesson } from "../../lesson/index.ts";
import { lessonHtml } from "../html/lesson-html.ts";
import { lessonsIn } from "../lessons.ts";
import { contentsPage, doorPage, lessonPage } from "./pages.ts";

export interface BookSources {
  /** What `npm run build` has made for the book. */
  siteFolder: string;
  /** Of `run --record`. */
  recording: string;
}

/** Writes it all, over what is there. Throws UserError for a recording that is none. */
export function writeBook(out: string, { siteFolder, recording }: BookSources): void {
  const run = readRun(recording);
  cpSync(siteFolder, out, { recursive: true });
  writeFileSync(join(out, "run.js"), `globalThis.RECORDING = ${JSON.stringify(run)};\n`);
  writeFileSync(join(out, "index.html"), doorPage());
  for (const language of LANGUAGES) writeLanguage(out, language);
}

function writeLanguage(out: string, language: Language): void {
  const lessons = lessonsIn(language).map((name) => readLesson(name, language));
  mkdirSync(join(out, language), { recursive: true });
  const write = (name: string, html: string) => writeFileSync(join(out, language, `${name}.html`), html);
  write("index", contentsPage(language, lessons));
  lessons.forEach((lesson, index) => {
    const [before, after] = [lessons[index - 1], lessons[index + 1]];
    write(lesson.name, lessonPage(lesson, textOf(lesson), { before, after }));
  });
}

/** Outputs are those of a machine with cgroup v2, and nobody has passed anything. */
function textOf(lesson: Lesson): string {
  return lessonHtml(lesson, { machine: "v2", deeper: 0, revealOf: () => undefined });
}

function readRun(path: string): Recording {
  const run = JSON.parse(readFileSync(path, "utf8")) as Recording;
  if (run.version === 1 && run.steps.length > 0) return run;
  throw new UserError(`${path} is no recording that can be replayed`);
}
