// Progress of one student, or of a class: how far each has come with every lesson, from the files that they hand in.

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { PROGRESS_FILE, type Progress } from "../progress.ts";

export interface Student {
  /** Of the folder or the file that they handed in. */
  name: string;
  progress: Progress;
}

/** Files called by a student's name, or progress.json in a folder of that name. Throws UserError for one that is neither. */
export function gather(paths: readonly string[]): Student[] {
  return paths.map((path) => {
    const isFolder = existsSync(path) && statSync(path).isDirectory();
    const file = resolve(isFolder ? join(path, PROGRESS_FILE) : path);
    const name = basename(file) === PROGRESS_FILE ? basename(dirname(file)) : basename(file, ".json");
    return { name, progress: progressIn(file) };
  });
}

function progressIn(file: string): Progress {
  try {
    const { lessons } = JSON.parse(readFileSync(file, "utf8")) as Partial<Progress>;
    if (lessons === undefined || typeof lessons !== "object") throw new Error("it says nothing of lessons");
    return { lessons };
  } catch (error) {
    throw new UserError(`${file} is no ${PROGRESS_FILE}: ${(error as Error).message}`);
  }
}
