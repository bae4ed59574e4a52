// The student's own answer next to ours, once it has passed: line by line, what only one of them has.

import { diffLines } from "diff";

export interface DiffLine {
  /** Whose it is. */
  of: "both" | "theirs" | "ours";
  text: string;
}

export function difference(theirs: string, ours: string): DiffLine[] {
  return diffLines(ended(theirs), ended(ours)).flatMap(({ value, added, removed }) => {
    const of = added ? "ours" : removed ? "theirs" : "both";
    return value
      .replace(/\n$/, "")
      .split("\n")
      .map((text): DiffLine => ({ of, text }));
  });
}

/** The last line is a line like the others. */
function ended(text: string): string {
  return `${text.trimEnd()}\n`;
}
