// A lesson's check, from its file to its result: all scenarios are run, one after the other, and the goals are asked.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { importStudentFile } from "../student-modules.ts";
import type { Check } from "./check.ts";
import { isPassed, type Judged, judge } from "./judge.ts";
import type { Lesson } from "./lesson.ts";
import type { Place } from "./place.ts";
import { plant } from "./plant.ts";
import { commonFiles, plantedFor } from "./planted.ts";
import { runScenario } from "./run-scenario.ts";
import type { Runtime } from "./runtime.ts";
import type { Seen } from "./seen.ts";

export interface Graded {
  lesson: Lesson;
  runtime: Runtime;
  judged: Judged[];
  seen: Seen[];
  passed: boolean;
}

export interface GradeOptions {
  place: Place;
  runtime: Runtime;
  lesson: Lesson;
  /** For each scenario. */
  timeoutMs?: number;
  signal: AbortSignal;
}

const TIMEOUT_MS = 60_000;

type Import = (url: string) => Promise<Record<string, unknown>>;

/** Throws UserError for a check that can't be read, and what `signal` throws. Nothing is left then, either. */
export async function grade(options: GradeOptions, importModule: Import): Promise<Graded> {
  return gradeBy(await checkOf(options.lesson, importModule), options);
}

/** The same with a check that was read. */
export async function gradeBy(check: Check, options: GradeOptions): Promise<Graded> {
  const { place, runtime, lesson, timeoutMs = TIMEOUT_MS, signal } = options;
  const all = check.scenarios.map((scenario) => ({ scenario, planted: plantedFor(scenario) }));
  await plant(place, [...commonFiles(), ...all.flatMap(({ planted }) => planted.files)]);
  const seen: Seen[] = [];
  for (const each of all) seen.push(await runScenario({ ...each, place, runtime, timeoutMs, signal }));
  const judged = judge(check, seen);
  return { lesson, runtime, judged, seen, passed: isPassed(judged) };
}

/** Throws UserError with the place of what is wrong in it. */
export async function checkOf({ folder, name }: Lesson, importModule: Import): Promise<Check> {
  const path = join(folder, "check.ts");
  if (!existsSync(path)) throw new UserError(`there is nothing to check in lesson ${name}`);
  const { default: check } = (await importStudentFile(path, importModule)) as { default?: Check };
  if (check?.scenarios === undefined) throw new UserError(`${path} exports no check as its default`);
  return check;
}
