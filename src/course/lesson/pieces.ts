// A lesson's text in pieces, one for each Markdown block, which put together are the text again: what is filled in,
// recorded or marked in a lesson changes its own piece and nothing else.

import { lexer, type Token, type Tokens } from "marked";
import { type Fence, readFence } from "./fence.ts";

export interface Piece {
  token: Token;
  raw: string;
  /** In its file, from 1. */
  line: number;
}

export interface FencePiece extends Piece {
  token: Tokens.Code;
  fence: Fence;
}

export class LessonMistake extends Error {
  constructor(line: number, what: string) {
    super(`${line}: ${what}`);
    this.name = "LessonMistake";
  }
}

export function piecesOf(text: string): Piece[] {
  let line = 1;
  return lexer(text).map((token) => {
    const piece = { token, raw: token.raw, line };
    line += token.raw.split("\n").length - 1;
    return piece;
  });
}

/** The piece with what its words say; undefined for other pieces. Throws LessonMistake. */
export function fenceOf(piece: Piece): FencePiece | undefined {
  const { token, line } = piece;
  if (token.type !== "code") return undefined;
  return { ...piece, token: token as Tokens.Code, fence: placed(line, () => readFence(token.lang ?? "")) };
}

/** The fence with another text in it. */
export function withBody({ token, raw }: Pick<FencePiece, "token" | "raw">, body: string): string {
  const after = /\n*$/.exec(raw)![0];
  return `\`\`\`${token.lang}\n${body === "" ? "" : `${body}\n`}\`\`\`${after}`;
}

/** Says on which line something is wrong. */
export function placed<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof LessonMistake) throw error;
    throw new LessonMistake(line, (error as Error).message);
  }
}
