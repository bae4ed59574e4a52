// Reading step by step: a piece, and then Enter. A question waits for an answer, which is remembered until one has seen what
// really happens.

import type { Language, Predict } from "../../../course/lesson/index.ts";
import type { Ink } from "./ink.ts";
import type { Piece } from "./page.ts";
import { WORDS } from "./words.ts";

interface Look {
  language: Language;
  ink: Ink;
}

const CLEAR_LINE = "\r\x1b[2K";
const [CTRL_C, CTRL_D] = ["\x03", "\x04"];

/** Whether it was read to its end. */
export async function readStepwise(pieces: Piece[], { language, ink }: Look): Promise<boolean> {
  const words = WORDS[language];
  const guesses = new Map<Predict, number>();
  const keys = openKeys();
  try {
    for (const [index, piece] of pieces.entries()) {
      const guess = piece.answers && guesses.get(piece.answers);
      const verdict = guess === undefined ? [] : [`  ${verdictOf(piece.answers!, guess, look(ink, words))}`, ""];
      process.stdout.write(`${[...verdict, ...piece.lines].join("\n")}\n\n`);
      if (index === pieces.length - 1) return true;
      const prompt = piece.asks ? ink.question(words.which(piece.asks.choices.length)) : ink.faint(words.goOn);
      process.stdout.write(`  ${prompt}`);
      const key = await keys.next((pressed) => isMeant(pressed, piece.asks));
      process.stdout.write(CLEAR_LINE);
      if (isEnd(key)) return false;
      if (piece.asks && /^\d$/.test(key)) guesses.set(piece.asks, Number(key) - 1);
    }
    return true;
  } finally {
    keys.close();
  }
}

const look = (ink: Ink, words: (typeof WORDS)[Language]) => ({ ink, words });

function verdictOf({ choices }: Predict, guess: number, { ink, words }: ReturnType<typeof look>): string {
  return choices[guess]?.isRight ? ink.right(`✓ ${words.right}`) : ink.wrong(`✗ ${words.wrong}`);
}

function isMeant(key: string, asks: Predict | undefined): boolean {
  if (isEnd(key) || key === "\r" || key === "\n" || key === " ") return true;
  return asks !== undefined && Number(key) >= 1 && Number(key) <= asks.choices.length;
}

function isEnd(key: string): boolean {
  return key === "q" || key === CTRL_C || key === CTRL_D;
}

/** Keys as they are pressed, one at a time; others than those that are meant are not heard. */
function openKeys() {
  const { stdin } = process;
  const waiting: string[] = [];
  let heard = (): void => {};
  const onKeys = (pressed: string) => {
    // Arrows and the like come as several characters.
    waiting.push(...(pressed.startsWith("\x1b") ? [] : pressed));
    heard();
  };
  const onEnd = () => onKeys(CTRL_D);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  stdin.on("data", onKeys).once("end", onEnd);
  return {
    async next(isMeant: (key: string) => boolean): Promise<string> {
      for (;;) {
        const key = waiting.shift();
        if (key !== undefined && isMeant(key)) return key;
        if (key === undefined) {
          const { promise, resolve } = withResolver();
          heard = resolve;
          await promise;
        }
      }
    },
    close() {
      stdin.off("data", onKeys).off("end", onEnd);
      stdin.setRawMode(false).pause();
    },
  };
}

function withResolver(): { promise: Promise<void>; resolve(): void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
