// `internal check`: the check of an exercise that nobody has asked for, as a line of JSON. It climbs no hints.

import type { Roots } from "../10-containers/folders.ts";
import { attempt } from "../course/grade/attempt.ts";
import { checkedLessons, lessonNamed } from "../course/grade/lesson.ts";
import { reportOf } from "../course/grade/report.ts";
import { importModule } from "./import-module.ts";
import { interruptible } from "./interrupt.ts";
import { writeAll } from "./output.ts";

export async function quietCheck(roots: Roots, [name = "", workshop = ""]: string[]): Promise<number> {
  const lesson = lessonNamed(name, checkedLessons());
  return interruptible(async (signal) => {
    const asked = { roots, workshop, lesson, onHost: false, signal, isQuiet: true };
    const { graded, standing } = await attempt(asked, importModule);
    const { goals, passed } = reportOf(graded, standing);
    writeAll(1, `${JSON.stringify({ goals, passed })}\n`);
    return 0;
  });
}
