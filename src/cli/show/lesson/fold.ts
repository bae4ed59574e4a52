// Code and output keep their lines. One that is too long goes on below, behind a mark, and where its own text began, so that
// a wide line can be told from two.

import { type Character, charactersOf, painted, type Run, widthOf } from "./flow.ts";
import type { Ink } from "./ink.ts";

const MARK = "↪ ";

/** The line as several of at most `columns`. It is broken at a space if there is one in the second half. */
export function folded(runs: Run[], columns: number, ink: Ink): string[] {
  const characters = charactersOf(runs);
  const lines = [];
  const indent = " ".repeat(Math.min(characters.findIndex(({ text }) => text !== " ") + 2, columns / 2));
  const start =
    commentStart(characters) ??
    charactersOf([
      { text: MARK, paint: ink.faint },
      { text: indent, paint: (text: string) => text },
    ]);
  for (let rest = characters, before: Character[] = []; rest.length > 0 || lines.length === 0; before = start) {
    const count = fitting(rest, columns - widthOf(before));
    lines.push(painted([...before, ...rest.slice(0, count)]).trimEnd());
    rest = rest.slice(count);
    while (lines.length > 0 && rest[0]?.text === " ") rest = rest.slice(1);
  }
  return lines;
}

/** A comment goes on as the comment that it is. */
function commentStart(characters: Character[]): Character[] | undefined {
  const sign = /^ *(?:\/\/|\*) +/.exec(characters.map(({ text }) => text).join(""))?.[0];
  return sign === undefined ? undefined : characters.slice(0, sign.length);
}

/** How many of the characters stand on the line. */
function fitting(characters: Character[], room: number): number {
  if (widthOf(characters) <= room) return characters.length;
  let [count, width] = [0, 0];
  while (width + characters[count]!.width <= room) width += characters[count++]!.width;
  const space = characters.slice(0, count + 1).findLastIndex(({ text }) => text === " ");
  return Math.max(1, space > count / 2 ? space : count);
}
