// FROM: the image or stage that a stage begins with, and what it is called. It is planned by `stages.ts`, which has to know
// all of them before any begins.

import { type Arguments, flagOf, type Kind, requireWords } from "../deed.ts";
import { mistakeIn } from "../lines.ts";
import type { Word } from "../words.ts";

export interface From {
  image: Word;
  /** In small letters. */
  as: string | undefined;
  platform: Word | undefined;
}

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

export const from: Kind<From> = {
  flags: ["platform"],
  parse(written) {
    const words = requireWords(written, 1);
    if (words.length !== 1 && words.length !== 3) {
      throw mistakeIn(written.line, "FROM requires either one or three arguments", words[1]);
    }
    const [image, as, name] = words;
    return { image: image!, as: stageName(written, as, name), platform: flagOf(written, "platform") };
  },
  plan: () => ({}),
};

function stageName({ line }: Arguments, as: Word | undefined, name: Word | undefined): string | undefined {
  if (!as || !name) return undefined;
  if (as.text.toLowerCase() !== "as") throw mistakeIn(line, `${JSON.stringify(as.text)} is not AS`, as);
  const lower = name.text.toLowerCase();
  if (STAGE_NAME.test(lower) && lower !== "scratch") return lower;
  throw mistakeIn(
    line,
    `invalid name for build stage: ${JSON.stringify(name.text)}, name can't start with a number or contain symbols`,
    name,
  );
}
