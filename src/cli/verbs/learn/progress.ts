// `learn progress`: how far one has come, or with --merge a whole class.

import { gather, type Student } from "../../../course/grade/gather.ts";
import { checkOf } from "../../../course/grade/grade.ts";
import { checkedLessons } from "../../../course/grade/lesson.ts";
import { readProgress } from "../../../course/progress.ts";
import { requireWorkshop } from "../../../course/workshop.ts";
import { readCommand } from "../../flags/command.ts";
import { COURSE_FLAGS, type CourseAsked, lookOf } from "../../flags/course-flags.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import { importModule } from "../../import-module.ts";
import { writeAll } from "../../output.ts";
import { classLines, type LessonGoals, progressLines } from "../../show/grade/progress.ts";

interface Asked extends CourseAsked {
  merge: boolean;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--merge", "", "One table of all the files given", setters<Asked>().one("merge", boolean)],
    ...COURSE_FLAGS,
  ],
];

const SUMMARY = `Show how far you have come

With --merge: of a class, from the progress.json of each, or the folders that they are in.`;

export async function verb(argv: string[]): Promise<number> {
  const asked: Asked = { json: false, plain: false, merge: false };
  const line = { name: "learn progress", operands: ["[file...]"], flags: FLAGS, asked, summary: SUMMARY };
  const files = readCommand(line, argv);
  if (files === undefined) return 0;
  const students = asked.merge ? gather(files) : [own(requireWorkshop())];
  const look = lookOf("", asked);
  const lessons = await allGoals();
  const lines = asked.merge ? classLines(students, lessons, look) : progressLines(students[0]!, lessons, look);
  const data = asked.merge ? students : students[0]!.progress;
  writeAll(1, asked.json ? `${JSON.stringify(data, null, 2)}\n` : `${lines.join("\n")}\n`);
  return 0;
}

function own(workshop: string): Student {
  return { name: workshop, progress: readProgress(workshop) };
}

function allGoals(): Promise<LessonGoals[]> {
  return Promise.all(
    checkedLessons().map(async (lesson) => {
      const { goals } = await checkOf(lesson, importModule);
      return { name: lesson.name, goals: goals.map(({ id }) => id) };
    }),
  );
}
