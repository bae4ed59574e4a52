// Prose in a narrow place.

import { bare, flow } from "./lesson/flow.ts";

/** Lines of at most `columns`, broken between words; a word that is wider is cut. */
export function wrapWords(text: string, columns: number): string[] {
  return flow([{ text, paint: bare }], columns);
}
