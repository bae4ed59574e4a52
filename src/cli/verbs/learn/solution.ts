// `learn solution`: how we would do it, beside how the student has. Before the exercise has passed it has to be insisted on.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../01-syscalls/index.ts";
import { lessonAtHand } from "../../../course/grade/attempt.ts";
import { checkedLessons, type Lesson, lessonNamed } from "../../../course/grade/lesson.ts";
import { difference } from "../../../course/lesson/difference.ts";
import { hasPassed, readProgress } from "../../../course/progress.ts";
import { exerciseFile, requireWorkshop } from "../../../course/workshop.ts";
import { readCommand } from "../../flags/command.ts";
import { COURSE_FLAGS, type CourseAsked, lookOf } from "../../flags/course-flags.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import { writeAll } from "../../output.ts";
import { solutionLines } from "../../show/grade/solution.ts";
import { WORDS } from "../../show/grade/words.ts";

interface Asked extends CourseAsked {
  yes: boolean;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-y, --yes", "", "Show it although yours hasn't passed", setters<Asked>().one("yes", boolean)],
    ...COURSE_FLAGS,
  ],
];

const SUMMARY = `Show our solution beside yours, once yours has passed

Without a lesson it is the one that you have passed last.`;

export async function verb(argv: string[]): Promise<number> {
  const asked: Asked = { json: false, plain: false, yes: false };
  const line = { name: "learn solution", operands: ["[lesson]"], flags: FLAGS, asked, summary: SUMMARY };
  const words = readCommand(line, argv);
  if (words === undefined) return 0;
  const workshop = requireWorkshop();
  const lesson = words[0] === undefined ? lastPassed(workshop) : lessonNamed(words[0], checkedLessons());
  const look = lookOf(lesson.name, asked);
  if (!asked.yes && !hasPassed(readProgress(workshop), lesson.name)) {
    const { notPassed, insist } = WORDS[look.language];
    throw new UserError(notPassed(lesson.number), { hint: insist(lesson.number) });
  }
  const [theirs, ours] = texts(workshop, lesson).map(withoutHeading);
  const lines = difference(theirs!, ours!);
  writeAll(1, asked.json ? `${JSON.stringify(lines, null, 2)}\n` : `${solutionLines(lines, look).join("\n")}\n`);
  return 0;
}

/** Where none has passed yet, the one at hand: it is said what it takes. */
function lastPassed(workshop: string): Lesson {
  const { lessons } = readProgress(workshop);
  const passed = checkedLessons().map((lesson) => ({ lesson, at: lessons[lesson.name]?.passed ?? "" }));
  const last = passed.reduce((one, other) => (other.at > one.at ? other : one));
  return last.at === "" ? lessonAtHand(workshop) : last.lesson;
}

/** What the exercise asks for stands at its top, and is no part of the answer. */
function withoutHeading(text: string): string {
  return text.replace(/^(\/\/.*\n)+\n*/, "");
}

/** Theirs, and ours. Without one of their own all of it is new to them. */
function texts(workshop: string, { folder, name }: Lesson): [string, string] {
  const path = exerciseFile(workshop, name);
  return [existsSync(path) ? readFileSync(path, "utf8") : "", readFileSync(join(folder, "solution.ts"), "utf8")];
}
