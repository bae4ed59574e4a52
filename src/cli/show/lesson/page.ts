// A lesson as pieces of a page, each of which is shown at once: whoever reads step by step is asked between two of them.

import {
  type Block,
  type Choice,
  exchangesOn,
  type Lesson,
  type MachineKind,
  type Predict,
  type Section,
} from "../../../course/lesson/index.ts";
import type { Reveal } from "../../../course/lesson/reveal.ts";
import { displayWidth, padTo } from "../width.ts";
import { codeLines, consoleLines, diffLines, framed, pictureLines } from "./code.ts";
import { bare, flow } from "./flow.ts";
import type { Ink } from "./ink.ts";
import { runsOf } from "./inline.ts";
import { proseLines } from "./prose.ts";
import { WORDS, type Words } from "./words.ts";

export interface PageLook {
  /** The lesson's number, in its stage's colour. */
  badge: string;
  /** Of the terminal. */
  columns: number;
  ink: Ink;
  machine: MachineKind;
  /** What is to be shown for what the exercise asks for; undefined before the check has passed. */
  reveal(block: Block & { kind: "code" }): Reveal | undefined;
}

export interface Piece {
  lines: string[];
  /** A question that stands in it: its answer is a piece that comes after the next one. */
  asks?: Predict;
  /** It is an answer, to this question. */
  answers?: Predict;
}

const [NARROWEST, WIDEST, MARGIN] = [40, 88, 2];

/** How wide text is on such a terminal. */
export function textColumns(columns: number): number {
  return Math.max(NARROWEST, Math.min(columns, WIDEST)) - MARGIN * 2;
}

/** Code may be wider than what one reads as a sentence, and where lines are to be copied it isn't folded at all. */
function codeColumns({ columns, ink }: PageLook): number {
  return ink.isPlain ? Number.POSITIVE_INFINITY : Math.max(NARROWEST, columns) - MARGIN - 1;
}

/** All of them, in order. */
export function piecesOf(lesson: Lesson, look: PageLook): Piece[] {
  const [columns, wideColumns] = [textColumns(look.columns), codeColumns(look)];
  const context = { ...look, columns, wideColumns, words: WORDS[lesson.language], lesson };
  return lesson.sections.flatMap((section, index) => sectionPieces(section, index, context)).map(withMargin);
}

interface Context extends PageLook {
  wideColumns: number;
  words: Words;
  lesson: Lesson;
}

function sectionPieces(section: Section, index: number, context: Context): Piece[] {
  const heading = index === 0 ? titleLines(context) : headingLines(section, context);
  const pieces: Piece[] = [];
  let open: Predict | undefined;
  for (const block of section.blocks) {
    const isAnswered = open !== undefined && block.kind !== "predict";
    pieces.push(...blockPieces(block, context));
    if (isAnswered && open) pieces.push(answerPiece(open, context));
    open = block.kind === "predict" ? block : isAnswered ? undefined : open;
  }
  if (open) pieces.push(answerPiece(open, context));
  const [first = { lines: [] }, ...rest] = pieces;
  return [{ ...first, lines: [...heading, ...first.lines] }, ...rest];
}

// ---- headings

function titleLines({ lesson, columns, ink, badge }: Context): string[] {
  const [first = "", ...more] = flow([{ text: lesson.title, paint: ink.title }], columns - INDENT);
  const number = ink.isColoured ? badge : lesson.number;
  const lines = [padTo(number, INDENT) + first, ...more.map((line) => " ".repeat(INDENT) + line)];
  return [...lines, ...(ink.isPlain ? [] : [ink.faint("━".repeat(columns))]), ""];
}

/** As much as a badge takes, and a space. */
const INDENT = 5;

function headingLines({ heading }: Section, { columns, ink }: Context): string[] {
  const text = ink.isColoured ? heading.replaceAll("`", "") : heading;
  if (ink.isPlain) return ["", ...flow([{ text: `## ${text}`, paint: bare }], columns), ""];
  const lines = flow([{ text, paint: ink.heading }], columns);
  return ["", ...lines, ink.faint("─".repeat(Math.max(...lines.map(displayWidth)))), ""];
}

// ---- blocks

function blockPieces(block: Block, context: Context): Piece[] {
  const { columns, wideColumns, ink, machine } = context;
  switch (block.kind) {
    case "prose":
      return [{ lines: proseLines(block.tokens, columns, ink) }];
    case "picture":
      return [{ lines: pictureLines(block, wideColumns, ink) }];
    case "console":
      return [{ lines: consoleLines(block, exchangesOn(block, machine), { ...context, columns: wideColumns }) }];
    case "predict":
      return [{ lines: questionLines(block, context), asks: block }];
    case "code":
      return [{ lines: block.isReveal ? revealLines(block, context) : codeLines(block, wideColumns, ink) }];
  }
}

function revealLines(
  block: Block & { kind: "code" },
  { columns, wideColumns, ink, words, lesson, reveal }: Context,
): string[] {
  const revealed = reveal(block);
  if (!revealed) return flow([{ text: words.hidden(lesson.number), paint: ink.faint }], columns);
  if (revealed.theirs === undefined) return codeLines({ ...block, text: revealed.ours }, wideColumns, ink);
  return diffLines(revealed.lines, ink.faint(words.difference), wideColumns, ink);
}

// ---- questions

function questionLines({ question, choices }: Predict, { columns, ink, words }: Context): string[] {
  const choiceLines = choices.flatMap((choice, index) => numbered(choice, index, columns - 2, ink));
  return framed(ink.question(words.prediction), [...proseLines(question, columns - 2, ink), "", ...choiceLines], ink);
}

function numbered({ tokens }: Choice, index: number, columns: number, ink: Ink): string[] {
  const mark = `${index + 1}) `;
  const [first = "", ...more] = flow(runsOf(tokens, ink), columns - mark.length);
  return [ink.question(mark) + first, ...more.map((line) => " ".repeat(mark.length) + line)];
}

function answerPiece(predict: Predict, { columns, ink, words }: Context): Piece {
  const right = predict.choices.flatMap((choice, index) =>
    choice.isRight ? numbered(choice, index, columns - 2, ink) : [],
  );
  const lines = [...right, "", ...proseLines(predict.why, columns - 2, ink)];
  return { lines: framed(ink.question(words.answer), lines, ink), answers: predict };
}

function withMargin(piece: Piece): Piece {
  return { ...piece, lines: piece.lines.map((line) => (line === "" ? "" : " ".repeat(MARGIN) + line)) };
}
