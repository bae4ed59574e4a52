// A system call on the screen: wrapped where its arguments end, coloured by what a word is, with what it returned.

import type { ChalkInstance } from "chalk";
import { errnoName } from "../../01-syscalls/index.ts";
import type { Ran } from "../../10-containers/explain/ran.ts";
import { displayWidth } from "./width.ts";

type Style = (paint: ChalkInstance, text: string) => string;

interface Token {
  text: string;
  style: Style;
  /** It goes on in the next token, and a line may end here. */
  isCut?: true;
}

const plain: Style = (_, text) => text;
const faint: Style = (paint, text) => paint.dim(text);
const cyan: Style = (paint, text) => paint.cyan(text);
const yellow: Style = (paint, text) => paint.yellow(text);
const red: Style = (paint, text) => paint.red.bold(text);

/** What a spelled call is made of, each with how it looks; the first that fits counts. */
const WORDS: [RegExp, Style][] = [
  [/"(?:[^"\\]|\\.)*"(?:\.\.\.)?/, (paint, text) => paint.green(text)],
  [/\/\*.*?\*\//, faint],
  [/\d+<[^>]*>|\$[\w:./-]+/, cyan],
  [/\w+(?=\()/, (paint, text) => paint.bold(text)],
  [/\w+|\s+|./, plain],
];

const PATTERN = new RegExp(WORDS.map(([word]) => `(${word.source})`).join("|"), "gs");

/** How many columns the first line of a call may take, and each further one. */
export interface Room {
  first: number;
  more: number;
}

/** The call and its result; lines after the first are indented. */
export function callLines(ran: Ran, room: Room, paint: ChalkInstance): string[] {
  const style = ran.outcome === "left out" ? faint : undefined;
  const tokens = [...tokensOf(shortIds(ran.call), style), ...resultTokens(ran)];
  return wrap(tokens, room).map((line) =>
    line
      .map((token) => token.style(paint, token.text))
      .join("")
      .trimEnd(),
  );
}

/** What came of it, by itself: `= 5<target>`. */
export function resultLine(ran: Ran, paint: ChalkInstance): string {
  return resultTokens(ran)
    .map((token) => token.style(paint, token.text))
    .join("")
    .trim();
}

/** Ids and digests of 64 digits, as people write them: twelve. */
export function shortIds(text: string): string {
  return text.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1…");
}

function tokensOf(text: string, style?: Style): Token[] {
  return [...text.matchAll(PATTERN)].map((match) => {
    const kind = match.slice(1).findIndex((group) => group !== undefined);
    return { text: match[0], style: style ?? WORDS[kind]![1] };
  });
}

/** ` = 5<target>`, ` = -1 EEXIST, which is fine`, ` left out: no $target`; nothing of a call that wasn't made. */
function resultTokens({ outcome, result = 0, step, missing }: Ran): Token[] {
  const error = `= -1 ${errnoName(-result)}`;
  if (outcome === "planned") return [];
  if (outcome === "left out") return [SPACE, { text: `left out: no $${missing}`, style: faint }];
  if (outcome === "failed") return [SPACE, { text: `${error}   ◀ this call failed`, style: red }];
  if (outcome === "allowed") return [SPACE, { text: error, style: yellow }, FINE];
  // A mask of permissions is one in the result too.
  const value = step.call === "umask" ? result.toString(8).padStart(3, "0") : String(result);
  if (step.as === undefined) return [SPACE, { text: `= ${value}`, style: plain }];
  return [SPACE, { text: "= ", style: plain }, { text: `${result}<${step.as}>`, style: cyan }];
}

const SPACE: Token = { text: " ", style: plain };
const FINE: Token = { text: ", which is fine", style: plain };
const INDENT: Token = { text: "  ", style: plain };

/** Breaks between arguments where it can, and only an argument that is longer than a line after a bar inside it. */
function wrap(tokens: Token[], { first, more }: Room): Token[][] {
  const longest = more - INDENT.text.length;
  const lines: Token[][] = [[]];
  const place = (piece: Token[]) => {
    const line = lines.at(-1)!;
    const columns = lines.length === 1 ? first : more;
    if (line.length > 0 && widthOf([...line, ...piece]) > columns) lines.push([INDENT, ...piece]);
    else line.push(...piece);
  };
  for (const argument of split(tokens, ({ text }) => text.trim() === "")) {
    const isLonger = widthOf(argument) > longest;
    // What ends an argument stays on its line.
    const parts = argument.flatMap((token) => cut(token, longest - 1));
    if (isLonger) split(parts, ({ text, isCut }) => isCut === true || text === "|").forEach(place);
    else place(argument);
  }
  return lines;
}

/** Runs of tokens, each up to one that `isEnd` holds for. */
function split(tokens: Token[], isEnd: (token: Token) => boolean): Token[][] {
  const runs: Token[][] = [[]];
  for (const token of tokens) {
    runs.at(-1)!.push(token);
    if (isEnd(token)) runs.push([]);
  }
  return runs;
}

/** A word longer than a line is cut, a path behind one of its names. */
function cut({ text, style }: Token, columns: number): Token[] {
  if (displayWidth(text) <= columns) return [{ text, style }];
  const slash = text.lastIndexOf("/", columns - 1) + 1;
  const at = slash > columns / 2 ? slash : columns;
  return [{ text: text.slice(0, at), style, isCut: true }, ...cut({ text: text.slice(at), style }, columns)];
}

/** A space at the end takes no room. */
function widthOf(tokens: Token[]): number {
  return displayWidth(
    tokens
      .map(({ text }) => text)
      .join("")
      .trimEnd(),
  );
}
