// WORKDIR: where commands run and relative paths begin. It is made if the image lacks it.

import { posix } from "node:path";
import type { ProcessConfig } from "../../06-images/index.ts";
import { type Arguments, expanded, type Kind, requireWords } from "../deed.ts";
import { placeInto } from "../place.ts";
import type { Word } from "../words.ts";

export const workdir: Kind<Word> = {
  parse(written: Arguments) {
    requireWords(written, 1);
    return written.rest;
  },
  plan(word, around, line) {
    const path = absolute(expanded(word, around, line), around.process);
    return {
      process: { ...around.process, WorkingDir: path },
      history: `WORKDIR ${path}`,
      files: {
        about: ["WORKDIR", path],
        carryOut: (workspace) => workspace.inRoot((root) => placeInto(root, {}).makeDirectories(path)),
        mayBeNothing: true,
      },
    };
  },
};

/** From the working directory so far; without a slash at its end. */
export function absolute(path: string, { WorkingDir }: ProcessConfig): string {
  return posix.resolve("/", WorkingDir ?? "/", path);
}
