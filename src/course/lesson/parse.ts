// From a lesson's Markdown to a lesson: sections at the headings of the first two kinds, and in each prose and fences by
// turns.

import type { Token, Tokens } from "marked";
import { readExchanges } from "./exchanges.ts";
import type { Block, Console, Language, Lesson, Section } from "./lesson.ts";
import { type FencePiece, fenceOf, LessonMistake, type Piece, piecesOf, placed } from "./pieces.ts";
import { readPredict } from "./predict.ts";

/** Throws LessonMistake with the line that is wrong. */
export function parseLesson(text: string, { name, language }: { name: string; language: Language }): Lesson {
  const counted = { fences: 0 };
  const sections = sectionsOf(piecesOf(text)).map((pieces) => sectionFrom(pieces, counted));
  const [first] = sections;
  if (!first?.raw.startsWith("# ")) throw new LessonMistake(1, "a lesson begins with its title: # …");
  return { number: name.slice(0, 2), name, language, title: first.heading, sections };
}

/** Each begins with its heading. */
export function sectionsOf(pieces: Piece[]): Piece[][] {
  const sections: Piece[][] = [];
  for (const piece of pieces) {
    if (isSectionHeading(piece.token) || sections.length === 0) sections.push([piece]);
    else sections.at(-1)!.push(piece);
  }
  return sections;
}

function isSectionHeading(token: Token): boolean {
  return token.type === "heading" && (token as Tokens.Heading).depth <= 2;
}

function sectionFrom(pieces: Piece[], counted: { fences: number }): Section {
  const [heading, ...rest] = pieces;
  const marks = pieces.map(({ token }) => TRANSLATES.exec(token.raw)?.[1]).filter((mark) => mark !== undefined);
  const blocks: Block[] = [];
  for (const piece of rest.filter(({ raw }) => !TRANSLATES.test(raw))) addBlock(blocks, piece, counted);
  return {
    heading: (heading!.token as Tokens.Heading).text,
    blocks,
    raw: pieces.map(({ raw }) => raw).join(""),
    ...(marks[0] !== undefined && { translates: marks[0] }),
    line: heading!.line,
  };
}

/** In a translation, below its heading: the digest of the English section that it says. */
export const TRANSLATES = /^<!-- en: (\w*) -->\n*$/;

function addBlock(blocks: Block[], piece: Piece, counted: { fences: number }): void {
  const fenced = fenceOf(piece);
  if (fenced) {
    counted.fences += 1;
    const block = placed(piece.line, () => fencedBlock(fenced, counted.fences, blocks));
    if (block) blocks.push(block);
  } else if (piece.token.type !== "space") {
    if (hidesFence(piece.token)) throw new LessonMistake(piece.line, "a fence can't be inside of a list or a quote");
    const last = blocks.at(-1);
    if (last?.kind === "prose") last.tokens.push(piece.token);
    else blocks.push({ kind: "prose", tokens: [piece.token] });
  }
}

/** Undefined for a variant, which belongs to the block before it. */
function fencedBlock({ token, fence, line }: FencePiece, number: number, before: Block[]): Block | undefined {
  const { text } = token;
  const place = { number, line };
  if (fence.kind === "picture") return { ...fence, ...place, text };
  if (fence.kind === "predict") return { ...fence, ...place, ...readPredict(text) };
  if (fence.kind === "code") return { ...fence, ...place, text };
  const { variant, ...rest } = fence;
  const exchanges = readExchanges(text);
  if (variant === undefined) return { ...rest, ...place, exchanges, variants: {} };
  const main = before.at(-1);
  if (main?.kind !== "console") throw new Error(`a variant for ${variant} stands right below the console it is one of`);
  if (commandsOf(main) !== commandsOf({ exchanges }))
    throw new Error(`the variant for ${variant} has other commands than the console above`);
  main.variants[variant] = exchanges;
  return undefined;
}

function commandsOf({ exchanges }: Pick<Console, "exchanges">): string {
  return exchanges.map(({ command }) => command).join("\n");
}

function hidesFence(token: Token): boolean {
  if (token.type === "code") return true;
  const inner = [...((token as Tokens.Generic).tokens ?? []), ...((token as Tokens.List).items ?? [])];
  return inner.some(hidesFence);
}
