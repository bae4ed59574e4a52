// Prose in a narrow place.

import { displayWidth } from "./width.ts";

/** Lines of at most `columns`, broken between words; a word that is wider is cut. */
export function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").flatMap((each) => cut(each, columns))) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(`${last} ${word}`) <= columns) lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}

function cut(word: string, columns: number): string[] {
  if (displayWidth(word) <= columns) return [word];
  return [word.slice(0, columns), ...cut(word.slice(columns), columns)];
}
