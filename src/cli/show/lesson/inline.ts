// What Markdown has inside of a paragraph, as runs of text in their styles.

import type { Token, Tokens } from "../../../course/lesson/index.ts";
import { displayWidth } from "../width.ts";
import { bare, type Paint, type Run } from "./flow.ts";
import type { Ink } from "./ink.ts";

export function runsOf(tokens: readonly Token[], ink: Ink, paint: Paint = bare): Run[] {
  return tokens.flatMap((token) => runsOfOne(token, ink, paint));
}

function runsOfOne(token: Token, ink: Ink, paint: Paint): Run[] {
  const inner = (style: Paint) => runsOf(innerTokens(token), ink, (text) => paint(style(text)));
  switch (token.type) {
    case "strong":
      return inner(ink.strong);
    case "em":
      return inner(ink.emphasis);
    case "codespan":
      return [{ text: ink.isColoured ? token.text : `\`${token.text}\``, paint: (text) => paint(ink.code(text)) }];
    case "link":
      return [...inner(ink.link), ...target(token as Tokens.Link, ink)];
    case "br":
      return [{ text: "\n", paint: bare }];
    case "html":
      return [];
    default: {
      const tokens = innerTokens(token);
      return tokens.length > 0 ? runsOf(tokens, ink, paint) : [{ text: unwrapped(textOf(token)), paint }];
    }
  }
}

function innerTokens(token: Token): Token[] {
  return "tokens" in token ? (token.tokens ?? []) : [];
}

function textOf(token: Token): string {
  return "text" in token && typeof token.text === "string" ? token.text : token.raw;
}

/** Line breaks of the source are spaces, but none between two characters of a script that has no spaces. */
function unwrapped(text: string): string {
  const [first = "", ...more] = text.split(/\s*\n\s*/);
  const joined = more.reduce(
    (before, after) => before + (isWide(before.at(-1)) && isWide(after[0]) ? "" : " ") + after,
    first,
  );
  return joined.replace(/\s+/g, " ");
}

function isWide(character: string | undefined): boolean {
  return character !== undefined && displayWidth(character) === 2;
}

/** Where a link leads to, for who can't click on it. Files of ours are named from the top of the source. */
function target({ href, text }: Tokens.Link, ink: Ink): Run[] {
  const place = href.replace(/^(?:\.\.\/)+/, "");
  return place === text || href.startsWith("#") ? [] : [{ text: ` (${place})`, paint: ink.faint }];
}
