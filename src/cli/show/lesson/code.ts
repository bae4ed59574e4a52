// Code and consoles in a frame that is open to the right, so that nothing but a bar at its left has to be left out when one
// copies from it.

import {
  type Code,
  type Console,
  commandLines,
  type DiffLine,
  type Exchange,
  highlighted,
  type Picture,
  type Word,
} from "../../../course/lesson/index.ts";
import { displayWidth } from "../width.ts";
import { bare, type Run } from "./flow.ts";
import { folded } from "./fold.ts";
import type { Ink } from "./ink.ts";
import type { Words } from "./words.ts";

/** `╭ title`, the lines with a bar before each, `╰`. */
export function framed(title: string, lines: string[], ink: Ink): string[] {
  if (ink.isPlain) return [`[${title}]`, ...lines.map((line) => (line === "" ? "" : `    ${line}`))];
  const bar = ink.faint("│");
  return [
    `${ink.faint("╭─")} ${title}`,
    ...lines.map((line) => (line === "" ? bar : `${bar} ${line}`)),
    ink.faint("╰─"),
  ];
}

const FRAME = 2;

export function codeLines({ text, language, source }: Code, columns: number, ink: Ink): string[] {
  const { path, symbol } = source;
  const title = ink.faint(symbol === undefined ? path : `${path}  ${symbol}`);
  return framed(title, wordLines(highlighted(text, language), columns - FRAME, ink), ink);
}

export function pictureLines({ text }: Picture, columns: number, ink: Ink): string[] {
  return text.split("\n").flatMap((line) => folded([{ text: line, paint: bare }], columns, ink));
}

export function diffLines(lines: DiffLine[], title: string, columns: number, ink: Ink): string[] {
  const shown = lines.flatMap(({ of, text }) => {
    const [sign, paint] = {
      both: [" ", bare] as const,
      theirs: ["-", ink.wrong] as const,
      ours: ["+", ink.right] as const,
    }[of];
    return folded([{ text: `${sign} ${text}`, paint }], columns - FRAME, ink);
  });
  return framed(title, shown, ink);
}

/** What was typed stands out from what came. */
export function consoleLines(block: Console, exchanges: Exchange[], { columns, ink, words }: ConsoleLook): string[] {
  const lines = exchanges.flatMap(({ command, output }) => [
    ...typed(command, columns - FRAME, ink),
    ...output.flatMap((line) => folded([{ text: withoutTabs(line), paint: bare }], columns - FRAME, ink)),
  ]);
  return framed(placeOf(block, ink, words), lines, ink);
}

interface ConsoleLook {
  columns: number;
  ink: Ink;
  words: Words;
}

function placeOf({ isHost, isAttack }: Console, ink: Ink, words: Words): string {
  if (isAttack) return ink.wrong(words.attack);
  return ink.faint(isHost ? words.onHost : words.inLab);
}

function typed(command: string, columns: number, ink: Ink): string[] {
  const words = highlighted(command, "console");
  return commandLines(command).flatMap((line, index) => {
    const sign = { text: line.slice(0, 2), paint: ink.prompt };
    return folded([sign, ...runsOf(words[index]!, ink)], columns, ink);
  });
}

function wordLines(lines: Word[][], columns: number, ink: Ink): string[] {
  return lines.flatMap((words) => folded(runsOf(words, ink), columns, ink));
}

function runsOf(words: Word[], ink: Ink): Run[] {
  return words.map(({ text, kind }) => ({ text, paint: kind === undefined ? bare : ink.words[kind] }));
}

/** A tab leads to the next column that eight divides. */
function withoutTabs(line: string): string {
  const [first = "", ...more] = line.split("\t");
  return more.reduce((text, piece) => text + " ".repeat(8 - (displayWidth(text) % 8)) + piece, first);
}
