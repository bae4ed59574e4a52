// Code as HTML: its words say what they are, and the style sheet how that looks.

import { type DiffLine, highlighted, type Word } from "../../lesson/index.ts";
import { escaped } from "./escape.ts";

export function codeHtml(code: string, language: string): string {
  return highlighted(code, language).map(lineHtml).join("\n");
}

function lineHtml(words: Word[]): string {
  return words
    .map(({ text, kind }) => (kind === undefined ? escaped(text) : `<span class="w-${kind}">${escaped(text)}</span>`))
    .join("");
}

const SIGNS = { both: " ", theirs: "−", ours: "+" } as const;

/** The student's lines and ours, as in a diff: − is only theirs, + is only ours. */
export function differenceHtml(lines: DiffLine[], language: string): string {
  return lines
    .map(
      ({ of, text }) => `<span class="line" data-sign="${SIGNS[of]}">${SIGNS[of]} ${codeHtml(text, language)}</span>`,
    )
    .join("");
}
