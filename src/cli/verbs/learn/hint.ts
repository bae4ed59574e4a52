// `learn hint`: the next rung of the hint. It is of what was just seen, so the exercise is checked again.

import type { Roots } from "../../../10-containers/folders.ts";
import { checkVerb } from "./check.ts";

const SUMMARY = `Say more about what is wrong: first where to look, then the answer

The exercise is checked again, since a hint is about what was seen.`;

export const verb = (argv: string[], roots: Roots): Promise<number> =>
  checkVerb({ name: "learn hint", summary: SUMMARY, isAsked: true }, argv, roots);
