// A mistake in a Dockerfile is shown where it is: the line as it was written, and a caret below what is wrong.

import { UserError } from "../01-syscalls/index.ts";

/** The file a build follows, as its author sees it. */
export interface Source {
  /** `Dockerfile`, or whatever was typed for it. */
  name: string;
  lines: string[];
  /** How each of them ends: `\n`, or `\r\n` as on Windows. */
  ends: string[];
}

/** Both from 1. */
export interface Place {
  line: number;
  column: number;
  /** How much of the line is meant; at least one character. */
  length?: number;
}

/** What is wrong, and where. To be thrown. */
export function mistake(source: Source, place: Place, message: string, hint?: string): UserError {
  const { line, column, length = 1 } = place;
  const text = (source.lines[line - 1] ?? "").replaceAll("\t", " ");
  const number = String(line).padStart(4);
  const caret = "^".repeat(Math.max(1, Math.min(length, text.length - column + 1)));
  const picture = [`${number} | ${text}`, `${" ".repeat(number.length)} | ${" ".repeat(column - 1)}${caret}`];
  const says = `${source.name}:${line}: ${message}`;
  return new UserError([says, ...picture].join("\n"), hint === undefined ? {} : { hint });
}

/** What is wrong shows only while a line is carried out. Whoever knows the line points at it. */
export class LineMistake extends UserError {}

/** Some lines around those that are meant, as BuildKit shows where a build failed. */
export function excerpt({ name, lines }: Source, first: number, last: number): string {
  const [from, to] = [Math.max(1, first - 2), Math.min(lines.length, last + 2)];
  const shown = lines.slice(from - 1, to).map((text, index) => {
    const line = from + index;
    const mark = line >= first && line <= last ? ">>>" : "   ";
    return `${String(line).padStart(4)} | ${mark} ${text}`.trimEnd();
  });
  const rule = "-".repeat(20);
  return [`${name}:${first}`, rule, ...shown, rule].join("\n");
}

/** Of `known`, the one that `word` was probably meant to be; undefined if none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => [distance(word.toLowerCase(), name.toLowerCase()), name] as const);
  const [best] = distances.sort(([one], [other]) => one - other);
  return best && best[0] <= Math.max(1, Math.floor(word.length / 3)) ? best[1] : undefined;
}

/** How many letters have to be changed, added, left out or swapped with their neighbour (Damerau and Levenshtein). */
function distance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const steps = [rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (isSame ? 0 : 1)];
      row.push(Math.min(...steps, ...(isSwapped ? [rows[i - 2]![j - 2]! + 1] : [])));
    }
    rows.push(row);
  }
  return rows[one.length]![other.length]!;
}
