// Leaves out whole files by their name: `*.root.test.ts` without root, `*.user.test.ts` as root. The tests are collected
// all the same, so that they are counted, and the file carries the reason; their hooks don't run.

import { type RunnerTask, type RunnerTestFile, TestRunner } from "vitest";
import { type Need, needs } from "./needs.ts";

export default class extends TestRunner {
  /** Before a file's tests are known: what is written on the file now travels to the reporter with it. */
  override onCollectStart(file: RunnerTestFile): void {
    super.onCollectStart(file);
    Object.assign(file.meta, needs(...needsOfName(file.name)).meta);
  }

  onCollected(files: RunnerTestFile[]): void {
    for (const file of files) if (file.meta.leftOut) skip(file);
  }
}

function needsOfName(name: string): Need[] {
  if (name.endsWith(".root.test.ts")) return ["root"];
  if (name.endsWith(".user.test.ts")) return ["user"];
  return [];
}

function skip(task: RunnerTask): void {
  task.mode = "skip";
  if ("tasks" in task) task.tasks.forEach(skip);
}
