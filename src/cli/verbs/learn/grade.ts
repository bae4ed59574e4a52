// `learn grade`: what the kernel says of a runtime, whoever has written it, in whatever language.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { UserError } from "../../../01-syscalls/index.ts";
import type { Roots } from "../../../10-containers/folders.ts";
import { type Graded, type GradeOptions, grade } from "../../../course/grade/grade.ts";
import { checkedLessons, lessonNamed } from "../../../course/grade/lesson.ts";
import { hostPlace } from "../../../course/grade/place.ts";
import { NEWCOMER, reportOf } from "../../../course/grade/report.ts";
import { foreignRuntime } from "../../../course/grade/runtime.ts";
import { readCommand } from "../../flags/command.ts";
import { COURSE_FLAGS, type CourseAsked, lookOf } from "../../flags/course-flags.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { durationMs } from "../../flags/values.ts";
import { importModule } from "../../import-module.ts";
import { interruptible } from "../../interrupt.ts";
import { writeAll } from "../../output.ts";
import { resultLines } from "../../show/grade/result.ts";

interface Asked extends CourseAsked {
  runtime?: string;
  timeoutMs?: number;
  lesson?: string;
}

const asks = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--runtime", "program", "What is graded: it can `run ROOTFS COMMAND…`", asks.one("runtime", String)],
    ["--lesson", "number", "Only this lesson's goals (default: all)", asks.one("lesson", String)],
    ["--timeout", "duration", "How long each start of it may take (1m)", asks.one("timeoutMs", durationMs)],
    ...COURSE_FLAGS,
  ],
];

const SUMMARY = `Grade a container runtime by what the kernel says of its container

The program is called as \`PROGRAM run ROOTFS COMMAND…\` with a root filesystem and a
command in it. Nothing that it prints counts.`;

/** Exits with 0 when all goals are reached. */
export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { json: false, plain: false };
  if (readCommand({ name: "learn grade", flags: FLAGS, asked, summary: SUMMARY }, argv) === undefined) return 0;
  const runtime = foreignRuntime(programAt(asked.runtime));
  const lessons = asked.lesson === undefined ? checkedLessons() : [lessonNamed(asked.lesson, checkedLessons())];
  return interruptible(async (signal) => {
    const all: Graded[] = [];
    for (const lesson of lessons) {
      const result = await graded(roots, {
        lesson,
        runtime,
        signal,
        ...(asked.timeoutMs && { timeoutMs: asked.timeoutMs }),
      });
      all.push(result);
      if (!asked.json)
        writeAll(
          1,
          `${resultLines(result, NEWCOMER, { ...lookOf(lesson.name, asked), hasMore: false }).join("\n")}\n\n`,
        );
    }
    const reports = all.map((each) => reportOf(each));
    if (asked.json) writeAll(1, `${JSON.stringify(reports, null, 2)}\n`);
    return all.every(({ passed }) => passed) ? 0 : 1;
  });
}

function programAt(given: string | undefined): string {
  if (given === undefined) throw new UserError("which runtime?", { hint: "--runtime PROGRAM" });
  const path = given.includes("/") ? resolve(given) : given;
  if (!given.includes("/") || existsSync(path)) return path;
  throw new UserError(`there is no program ${given}`);
}

async function graded(roots: Roots, options: Omit<GradeOptions, "place">): Promise<Graded> {
  const place = hostPlace(roots);
  try {
    return await grade({ ...options, place }, importModule);
  } finally {
    await place.close();
  }
}
