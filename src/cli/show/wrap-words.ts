// Prose in a narrow place.

import { bare, flow } from "./lesson/flow.ts";
import { displayWidth } from "./width.ts";

/** Lines of at most `columns`, broken between words; a word that is wider is cut. */
export function wrapWords(text: string, columns: number): string[] {
  return flow([{ text, paint: bare }], columns);
}

/** A line that has room stays as it is, spaces and all. */
export function fitted(line: string, columns: number): string[] {
  return displayWidth(line) <= columns ? [line] : wrapWords(line, columns);
}
