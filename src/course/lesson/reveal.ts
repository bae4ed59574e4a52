// What an exercise asks for, as we have written it, next to what the student wrote. It is looked up when it may be shown,
// and is in no text before.

import { existsSync, readFileSync } from "node:fs";
import { type DiffLine, difference } from "./difference.ts";
import type { Code } from "./lesson.ts";
import { sourceText } from "./source.ts";
import { cutSymbol } from "./symbol.ts";

export interface Reveal {
  ours: string;
  /** Undefined where the student's file has no such function. */
  theirs?: string;
  lines: DiffLine[];
}

/** `file` is the student's. */
export function revealOf({ source }: Code, file: string): Reveal {
  const ours = sourceText(source);
  const theirs =
    source.symbol === undefined || !existsSync(file) ? undefined : cutSymbol(readFileSync(file, "utf8"), source.symbol);
  if (theirs === undefined) return { ours, lines: difference(ours, ours) };
  return { ours, theirs, lines: difference(theirs, ours) };
}
