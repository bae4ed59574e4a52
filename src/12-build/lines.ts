// From lines as they stand in the file to instructions as they are meant: one that ends with a backslash goes on in the
// next, comments and empty lines in between don't count, and the lines of a here-document belong to the one that asks for
// it. Each character remembers where it came from, so that whatever is found wrong later can be pointed at.
//
// See the Dockerfile reference, "Format" and "Here-Documents"; the finer rules are those of BuildKit's parser.

import { type Directives, readDirectives } from "./directives.ts";
import { mistake, type Place, type Source } from "./mistake.ts";
import { splitWords, type Word } from "./words.ts";

/** One instruction, in one line. */
export interface Line {
  source: Source;
  escapeSign: Directives["escapeSign"];
  text: string;
  /** Where its parts begin: offset in `text` → place in the file. */
  parts: { offset: number; line: number; column: number }[];
  /** Of the file, from 1; a here-document's included. */
  first: number;
  last: number;
  heredocs: Heredoc[];
}

/** `<<EOF` up to the line `EOF`. */
export interface Heredoc {
  name: string;
  /** Quoted names keep `$x` as it is. */
  expands: boolean;
  content: string;
}

/** Where in the file the character at `offset` is. */
export function placeAt({ parts }: Line, offset: number, length = 1): Place {
  const part = parts.findLast((each) => each.offset <= offset) ?? parts[0]!;
  return { line: part.line, column: part.column + offset - part.offset, length };
}

/** A mistake in the line, at the word or else at its beginning. */
export function mistakeIn(line: Line, message: string, at?: { at: number; text: string }, hint?: string): Error {
  const { at: offset, text } = at ?? { at: 0, text: line.text.split(/\s/, 1)[0] ?? "" };
  return mistake(line.source, placeAt(line, offset, Math.max(1, text.length)), message, hint);
}

export function sourceOf(name: string, text: string): Source {
  const written = text.replace(/^\uFEFF/, "").split("\n");
  if (written.at(-1) === "") written.pop();
  const lines = written.map((line) => line.replace(/\r$/, ""));
  return { name, lines, ends: written.map((line, index) => `${line.slice(lines[index]!.length)}\n`) };
}

/** All instructions of the file. Throws UserError. */
export function readLines(source: Source): Line[] {
  const { escapeSign } = readDirectives(source);
  const reader = new Reader(source, escapeSign);
  const lines: Line[] = [];
  for (let line = reader.next(); line; line = reader.next()) lines.push(line);
  return lines;
}

const COMMENT = /^\s*#/;
const WITH_HEREDOCS = /^(onbuild\s+)?(run|copy|add)\s/i;

class Reader {
  private readonly source: Source;
  private readonly escapeSign: Directives["escapeSign"];
  private readonly continues: RegExp;
  /** The line to be read next, from 0. */
  private at = 0;

  constructor(source: Source, escapeSign: Directives["escapeSign"]) {
    this.source = source;
    this.escapeSign = escapeSign;
    const sign = `\\${escapeSign}`;
    this.continues = new RegExp(`(^|[^${sign}])${sign}[ \\t]*$`);
  }

  next(): Line | undefined {
    const { lines } = this.source;
    while (this.at < lines.length && isNothing(lines[this.at]!)) this.at++;
    if (this.at >= lines.length) return undefined;
    const line = this.joined();
    if (WITH_HEREDOCS.test(line.text) && line.text.includes("<<")) {
      line.heredocs = heredocWords(line).map((word) => this.heredoc(line, word));
    }
    return { ...line, last: this.at };
  }

  private joined(): Line {
    const { source, escapeSign } = this;
    const line: Line = { source, escapeSign, text: "", parts: [], first: this.at + 1, last: 0, heredocs: [] };
    for (let goesOn = true; goesOn && this.at < source.lines.length; this.at++) {
      const raw = source.lines[this.at]!;
      if (line.text !== "" && isNothing(raw)) continue;
      goesOn = this.continues.test(raw);
      const whole = goesOn ? raw.replace(this.continues, "$1") : raw;
      const text = line.parts.length === 0 ? whole.trimStart() : whole;
      line.parts.push({ offset: line.text.length, line: this.at + 1, column: whole.length - text.length + 1 });
      line.text += text;
    }
    return { ...line, text: line.text.trimEnd() };
  }

  private heredoc(line: Line, word: Word): Heredoc {
    const { name, expands, isIndented } = heredocIn(word)!;
    const { lines, ends } = this.source;
    let content = "";
    for (; this.at < lines.length; this.at++) {
      const raw = lines[this.at]!;
      const text = isIndented ? raw.replace(/^\t+/, "") : raw;
      if (text === name) {
        this.at++;
        return { name, expands, content };
      }
      // Whatever it is for may need the ends as they were written, so they stay.
      content += `${text}${ends[this.at]}`;
    }
    throw mistakeIn(line, `unterminated heredoc: there is no line ${JSON.stringify(name)} after it`, word);
  }
}

function isNothing(text: string): boolean {
  return COMMENT.test(text) || text.trim() === "";
}

/** The words of a line that ask for a here-document. `RUN ["…"]` has none. */
export function heredocWords(line: Line): Word[] {
  if (/^\w+\s+(--\S+\s+)*\[.*\]$/.test(line.text)) return [];
  return splitWords(line.text, 0, line.escapeSign).filter(heredocIn);
}

/** `<<EOF`, `<<-"EOF"`; with `3<<EOF` a shell gives it a number, and it is read all the same. */
export function heredocIn({ text }: Word): { name: string; expands: boolean; isIndented: boolean } | undefined {
  const [, dash, given = ""] = /^\d*<<(-?)([^<]+)$/.exec(text) ?? [];
  const name = given.replaceAll(/["'\\]/g, "");
  return name === "" ? undefined : { name, expands: name === given, isIndented: dash === "-" };
}
