// Every lesson's exercise, as a student would have it checked: as it is shipped it fails, our solution passes, and each
// known-wrong answer misses its goal and is given its hint.

import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Check } from "../../src/course/grade/check.ts";
import { gradeBy } from "../../src/course/grade/grade.ts";
import { lessonNamed } from "../../src/course/grade/lesson.ts";
import { hostPlace } from "../../src/course/grade/place.ts";
import { type Report, reportOf } from "../../src/course/grade/report.ts";
import { triedRuntime } from "../../src/course/grade/runtime.ts";
import { engineCommand } from "../../src/course/lab/views.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { checked, LESSONS, wrongAnswers } from "./lesson-files.ts";

const md = cliForTests();
const workshop = mkdtempSync(join(tmpdir(), "workshop-"));
// Root of a lab is somebody else, and so is root of a container: both have to get to what lies in here.
chmodSync(workshop, 0o755);
chmodSync(tmpdir(), 0o711);
afterAll(() => rmSync(workshop, { recursive: true, force: true }));

/** What the check says of a file of the lesson's, in a workshop of somebody new. */
function checkOf(lesson: string, file: string): Report {
  writeFileSync(join(workshop, "progress.json"), "{}");
  copyFileSync(join(LESSONS, lesson, file), join(workshop, `${lesson}.ts`));
  const { stdout, stderr } = md.callWith({ cwd: workshop }, "learn", "check", lesson.slice(0, 2), "--json");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

/** What says enough in a failing test. */
function shown({ goals, seen, passed }: Report) {
  const open = goals.filter(({ reached }) => !reached).map(({ id, hint }) => `${id}: ${hint?.id}`);
  return { passed, open, outcomes: Object.values(seen).map(({ outcome, printed }) => [outcome, printed]) };
}

/** The same without the command around it: that one begins anew for each of many files, and reads the same check. */
async function gradeOf(name: string, file: string): Promise<Report> {
  const lesson = lessonNamed(name);
  const { default: check } = (await import(join(LESSONS, name, "check.ts"))) as { default: Check };
  const place = hostPlace(md);
  try {
    const runtime = triedRuntime(engineCommand(), lesson.number, { stage: name, path: join(LESSONS, name, file) });
    return reportOf(await gradeBy(check, { place, runtime, lesson, signal: new AbortController().signal }));
  } finally {
    await place.close();
  }
}

/** A check is patient with each of its two runs, on a machine that has much else to do. */
const PATIENT = { timeout: 150_000 };

describe.each(checked)("lesson %s", PATIENT, (lesson) => {
  test("isn't passed by the exercise as it is shipped", async () => {
    const report = await gradeOf(lesson, "exercise.ts");
    expect(shown(report)).toMatchObject({ passed: false });
    // And it has something to say: an exercise that can't be read is no exercise.
    expect(Object.values(report.seen).map(({ error }) => error)).toEqual(
      Object.values(report.seen).map(() => undefined),
    );
  });

  test("is passed by our solution, which leaves nothing", async () => {
    const report = await gradeOf(lesson, "solution.ts");
    expect(shown(report)).toMatchObject({ passed: true, open: [] });
    for (const { left } of Object.values(report.seen)) expect(left).toEqual({ processes: [], mounts: [], groups: [] });
  });

  test.each(wrongAnswers(lesson))("$file misses $goal, and is told $hint", async ({ file, goal, hint }) => {
    const report = await gradeOf(lesson, file);
    expect(shown(report).open).toContain(`${goal}: ${hint}`);
    expect(report.passed).toBe(false);
  });
});

describe("in the lab", { ...needs("userns"), ...PATIENT }, () => {
  test.each(checked)("lesson %s is passed by our solution", (lesson) => {
    const report = checkOf(lesson, "solution.ts");
    expect(shown(report)).toMatchObject({ passed: true, open: [] });
    expect(Object.values(report.seen)[0]!.runtime.uidMap).not.toEqual([{ inside: 0, outside: 0, count: 4294967295 }]);
  });
});
