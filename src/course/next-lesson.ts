// Where a student is: the first lesson that hasn't been passed, or read, where there is nothing to pass.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { lessonNames } from "./lesson/folder.ts";
import { packageFolder } from "./package-folder.ts";
import type { Progress } from "./progress.ts";

/** Undefined after the last one. */
export function nextLesson({ lessons }: Progress, folder: string = packageFolder()): string | undefined {
  const names = lessonNames(folder);
  const lastPassed = names.findLastIndex((name) => lessons[name]?.passed !== undefined);
  return names.find((name, index) => {
    const { passed, read } = lessons[name] ?? {};
    const isChecked = existsSync(join(folder, "lessons", name, "check.ts"));
    // Who has passed a later one and only skipped a text is not sent back to it.
    return isChecked ? passed === undefined : read === undefined && index > lastPassed;
  });
}
