// Our solution beside the student's: one text, with what only theirs has marked -, and what only ours has +.

import type { DiffLine } from "../../../course/lesson/difference.ts";
import type { ResultLook } from "./result.ts";
import { WORDS } from "./words.ts";

const SIGNS: Record<DiffLine["of"], string> = { both: " ", theirs: "-", ours: "+" };

export function solutionLines(lines: DiffLine[], { language, ink, title }: ResultLook): string[] {
  const paints = { both: ink.faint, theirs: ink.wrong, ours: ink.right };
  const isSame = lines.every(({ of }) => of === "both");
  return [
    `${title.badge} ${ink.title(title.name)}  ${ink.faint(isSame ? WORDS[language].same : WORDS[language].difference)}`,
    "",
    ...lines.map(({ of, text }) => paints[of](`${SIGNS[of]} ${text}`.trimEnd())),
  ];
}
