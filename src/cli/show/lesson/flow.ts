// Text in several styles, broken into lines. Latin words are broken between words; Chinese has none, and is broken between
// any two characters, but for marks that can't begin a line, or end one (Unicode Standard Annex #14).

import { displayWidth } from "../width.ts";

export type Paint = (text: string) => string;

/** A piece of text in one style. */
export interface Run {
  text: string;
  paint: Paint;
}

export interface Character {
  text: string;
  paint: Paint;
  width: number;
}

/** Characters that stay together, and whether a space was before them. */
interface Unit {
  characters: Character[];
  isSpaced: boolean;
  /** Something in the text demands a new line before it. */
  isOnNewLine: boolean;
}

export const bare: Paint = (text) => text;

/** Lines of at most `columns`; what is wider than a line is cut. */
export function flow(runs: Run[], columns: number): string[] {
  const lines: Character[][] = [[]];
  let width = 0;
  for (const { characters, isSpaced, isOnNewLine } of unitsOf(runs).flatMap((unit) => cut(unit, columns))) {
    const line = lines.at(-1)!;
    const own = widthOf(characters);
    const space = isSpaced && line.length > 0 ? [spaceBefore(characters[0]!, line.at(-1)!)] : [];
    if (isOnNewLine || (line.length > 0 && width + space.length + own > columns)) {
      lines.push([...characters]);
      width = own;
    } else {
      line.push(...space, ...characters);
      width += space.length + own;
    }
  }
  return lines.map(painted);
}

function unitsOf(runs: Run[]): Unit[] {
  const units: Unit[] = [];
  let isSpaced = false;
  let isOnNewLine = false;
  for (const character of charactersOf(runs)) {
    const last = units.at(-1)?.characters.at(-1);
    if (character.text === "\n") isOnNewLine = true;
    else if (character.text === " ") isSpaced = true;
    else {
      const isApart = !last || isSpaced || isOnNewLine || canBreak(last, character);
      if (isApart) units.push({ characters: [character], isSpaced, isOnNewLine });
      else units.at(-1)!.characters.push(character);
      isSpaced = false;
      isOnNewLine = false;
    }
  }
  return units;
}

export function charactersOf(runs: Run[]): Character[] {
  return runs.flatMap(({ text, paint }) =>
    [...text].map((character) => ({ text: character, paint, width: displayWidth(character) })),
  );
}

/** Written as strings: a pattern would have to spell them as numbers, since the bundle is read as Latin-1. */
const NOT_FIRST = "，。、；：？！）》〉」』】”’…—％,.;:?!)]}%";
const NOT_LAST = "（《〈「『【“‘([{";

function canBreak(before: Character, after: Character): boolean {
  if (before.width < 2 && after.width < 2) return false;
  return !NOT_FIRST.includes(after.text) && !NOT_LAST.includes(before.text);
}

/** A unit that no line has room for becomes several. */
function cut(unit: Unit, columns: number): Unit[] {
  if (widthOf(unit.characters) <= columns) return [unit];
  const pieces: Unit[] = [];
  for (const character of unit.characters) {
    const last = pieces.at(-1);
    if (last && widthOf([...last.characters, character]) <= columns) last.characters.push(character);
    else pieces.push({ ...unit, characters: [character], ...(last && { isSpaced: false, isOnNewLine: false }) });
  }
  return pieces;
}

/** Underlines and colours go over the spaces between words of the same style. */
function spaceBefore(after: Character, before: Character): Character {
  return { text: " ", paint: before.paint === after.paint ? after.paint : bare, width: 1 };
}

export function widthOf(characters: Character[]): number {
  return characters.reduce((sum, { width }) => sum + width, 0);
}

export function painted(line: Character[]): string {
  const runs: Run[] = [];
  for (const { text, paint } of line) {
    const last = runs.at(-1);
    if (last && last.paint === paint) last.text += text;
    else runs.push({ text, paint });
  }
  return runs.map(({ text, paint }) => paint(text)).join("");
}
