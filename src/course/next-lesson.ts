// Where a student is: the first lesson that hasn't been passed, or read, where there is nothing to pass.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { lessonNames } from "./lesson/folder.ts";
import { packageFolder } from "./package-folder.ts";
import type { Progress } from "./progress.ts";

/** Undefined after the last one. */
export function nextLesson({ lessons }: Progress, folder: string = packageFolder()): string | undefined {
  return lessonNames(folder).find((name) => {
    const { passed, read } = lessons[name] ?? {};
    const isChecked = existsSync(join(folder, "lessons", name, "check.ts"));
    return isChecked ? passed === undefined : read === undefined;
  });
}
