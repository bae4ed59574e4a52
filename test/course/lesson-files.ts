// The lessons as the tests find them: folders with an exercise, and what a wrong answer says of itself in its first line.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const LESSONS = join(import.meta.dirname, "../../lessons");

/** `02-rootfs`, …: those that have something to check. */
export const checked = readdirSync(LESSONS)
  .filter((name) => existsSync(join(LESSONS, name, "check.ts")))
  .sort();

export function textOf(lesson: string, file: string): string {
  return readFileSync(join(LESSONS, lesson, file), "utf8");
}

export interface WrongAnswer {
  lesson: string;
  /** `wrong/chroot.ts` */
  file: string;
  goal: string;
  hint: string;
}

/** `// goal GOAL: HINT` is the first line. */
export function wrongAnswers(lesson: string): WrongAnswer[] {
  const folder = join(LESSONS, lesson, "wrong");
  return readdirSync(folder).map((name) => {
    const [, goal, hint] = /^\/\/ goal ([\w-]+): ([\w-]+)\n/.exec(textOf(lesson, `wrong/${name}`)) ?? [];
    if (goal === undefined || hint === undefined) throw new Error(`${lesson}/wrong/${name} doesn't say what it is`);
    return { lesson, file: `wrong/${name}`, goal, hint };
  });
}

/** Without imports, comments, empty lines, and lines that only close something. */
export function codeLines(text: string): string[] {
  const code = text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^import [\s\S]*?;$/gm, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\/\/.*$/, "").trim());
  return code.filter((line) => /\w/.test(line));
}
