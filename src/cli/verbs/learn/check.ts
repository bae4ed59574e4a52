// `learn check`: runs the exercise as the student has left it, and says what the kernel says of it.

import type { Roots } from "../../../10-containers/folders.ts";
import { attempt, lessonAtHand } from "../../../course/grade/attempt.ts";
import { checkedLessons, lessonNamed } from "../../../course/grade/lesson.ts";
import { reportOf } from "../../../course/grade/report.ts";
import { requireWorkshop } from "../../../course/workshop.ts";
import { readCommand } from "../../flags/command.ts";
import { COURSE_FLAGS, type CourseAsked, lookOf, PLACE_FLAGS, type PlaceAsked } from "../../flags/course-flags.ts";
import type { FlagGroup } from "../../flags/flags.ts";
import { importModule } from "../../import-module.ts";
import { interruptible } from "../../interrupt.ts";
import { writeAll } from "../../output.ts";
import { resultLines } from "../../show/grade/result.ts";
import { WORDS } from "../../show/grade/words.ts";
import { nextSteps } from "../../show/lesson/next-steps.ts";
import { passingLine } from "../../show/passing-line.ts";

type Asked = CourseAsked & PlaceAsked;

const FLAGS: FlagGroup<Asked>[] = [["Options:", ...PLACE_FLAGS, ...COURSE_FLAGS]];

const SUMMARY = `Check an exercise: is it so, in the kernel?

Without a lesson it is the one where you are.`;

/** Exits with 0 when one run has reached all goals. */
export const verb = (argv: string[], roots: Roots): Promise<number> =>
  checkVerb({ name: "learn check", summary: SUMMARY, isAsked: false }, argv, roots);

/** The same, for who wants more said than before. */
export async function checkVerb(
  { isAsked, ...line }: { name: string; summary: string; isAsked: boolean },
  argv: string[],
  roots: Roots,
): Promise<number> {
  const asked: Asked = { json: false, plain: false, onHost: false };
  const words = readCommand({ ...line, operands: ["[lesson]"], flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  const workshop = requireWorkshop();
  const lesson = words[0] === undefined ? lessonAtHand(workshop) : lessonNamed(words[0], checkedLessons());
  const look = lookOf(lesson.name, asked);
  return interruptible(async (signal) => {
    const { onHost } = asked;
    const isSeen = process.stderr.isTTY && !asked.json && !asked.plain;
    const settle = isSeen ? passingLine(WORDS[look.language].checking(lesson.number)) : () => {};
    const { graded, standing } = await attempt(
      { roots, workshop, lesson, onHost, signal, isAsked },
      importModule,
    ).finally(settle);
    const text = asked.json
      ? JSON.stringify(reportOf(graded, standing), null, 2)
      : resultLines(graded, standing, look).join("\n");
    writeAll(1, `${text}\n`);
    if (graded.passed && process.stdout.isTTY && !asked.json)
      writeAll(1, `\n${nextSteps(workshop, look.language).join("\n")}\n`);
    return graded.passed ? 0 : 1;
  });
}
