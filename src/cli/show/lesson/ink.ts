// The colours of a lesson. Nobody knows whether a terminal is light or dark, so these are of the middle: each can be read on
// white and on black (contrast 3.6 and more on both). Where a terminal has only its sixteen, chalk takes the nearest.

import { Chalk, type ChalkInstance } from "chalk";
import type { WordKind } from "../../../course/lesson/highlight.ts";
import { wantsColour } from "../colours.ts";

export interface Ink {
  title: ChalkInstance;
  heading: ChalkInstance;
  strong: ChalkInstance;
  emphasis: ChalkInstance;
  code: ChalkInstance;
  link: ChalkInstance;
  /** Frames, places, and what is only said in passing. */
  faint: ChalkInstance;
  prompt: ChalkInstance;
  question: ChalkInstance;
  right: ChalkInstance;
  wrong: ChalkInstance;
  words: Record<WordKind, ChalkInstance>;
  /** Without any, marks have to tell code from words. */
  isColoured: boolean;
  /** No frames either: for who copies from it, or has it read aloud. */
  isPlain: boolean;
}

const [BLUE, TEAL, GREEN, VIOLET, ORANGE, RED, GREY] = [32, 30, 64, 133, 166, 167, 243];

export function inkFor(output: { isTTY?: boolean | undefined }, env: NodeJS.ProcessEnv = process.env): Ink {
  return inkOf(wantsColour(output, env) ? (hasPalette(env) ? 2 : 1) : 0);
}

/** No colour, sixteen, or 256. */
export function inkOf(level: 0 | 1 | 2, isPlain = false): Ink {
  const chalk = new Chalk({ level });
  return {
    title: chalk.bold,
    heading: chalk.bold.ansi256(BLUE),
    strong: chalk.bold,
    emphasis: chalk.italic,
    code: chalk.ansi256(TEAL),
    link: chalk.underline,
    faint: chalk.ansi256(GREY),
    prompt: chalk.bold.ansi256(GREEN),
    question: chalk.bold.ansi256(VIOLET),
    right: chalk.ansi256(GREEN),
    wrong: chalk.ansi256(RED),
    words: {
      keyword: chalk.ansi256(VIOLET),
      string: chalk.ansi256(GREEN),
      comment: chalk.italic.ansi256(GREY),
      number: chalk.ansi256(ORANGE),
      constant: chalk.ansi256(ORANGE),
      name: chalk.ansi256(BLUE),
      type: chalk.ansi256(TEAL),
    },
    isColoured: level > 0,
    isPlain,
  };
}

function hasPalette({ TERM = "", COLORTERM = "" }: NodeJS.ProcessEnv): boolean {
  return COLORTERM !== "" || /256|direct|kitty|alacritty|ghostty|foot|wezterm/.test(TERM);
}
