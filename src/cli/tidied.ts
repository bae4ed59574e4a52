// Before the course does anything, it ends what earlier commands of it were killed in the middle of.

import { UserError } from "../01-syscalls/index.ts";
import type { Roots } from "../10-containers/folders.ts";
import { languageOf } from "../course/language.ts";
import { takeOver } from "../course/take-over.ts";
import { warn } from "./output.ts";
import { LEARN_WORDS } from "./show/lesson/learn-words.ts";

export async function tidied(roots: Roots): Promise<void> {
  try {
    if ((await takeOver(roots)) > 0) warn(LEARN_WORDS[languageOf(undefined)].tidied);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // It stays for the next time, and is no reason to do nothing.
    warn(`${error.message}${error.hint === undefined ? "" : `: ${error.hint}`}`);
  }
}
