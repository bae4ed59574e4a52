// The words of a section, without what is code: for those who look for words.

import type { Token, Tokens } from "marked";
import type { Section } from "./lesson.ts";

/** Headings, paragraphs and questions as plain text. */
export function proseOf({ heading, blocks }: Section): string {
  const tokens = blocks.flatMap((block) => {
    if (block.kind === "prose") return block.tokens;
    if (block.kind !== "predict") return [];
    return [...block.question, ...block.choices.flatMap((choice) => choice.tokens), ...block.why];
  });
  return [heading, ...tokens.map((token) => textOf(token, ["codespan"]))].join("\n");
}

/** What stands in backticks in a section's prose. */
export function codeWordsOf({ blocks }: Section): string[] {
  const tokens = blocks.flatMap((block) => (block.kind === "prose" ? block.tokens : []));
  return tokens.flatMap(codeSpansOf);
}

function codeSpansOf(token: Token): string[] {
  return token.type === "codespan" ? [(token as Tokens.Codespan).text] : innerOf(token).flatMap(codeSpansOf);
}

/** The text of a token and of those in it, but for `without`. */
export function textOf(token: Token, without: string[] = []): string {
  if (without.includes(token.type)) return " ";
  const inner = innerOf(token);
  if (inner.length > 0) return inner.map((each) => textOf(each, without)).join(isBlock(token) ? "\n" : "");
  return "text" in token && typeof token.text === "string" ? token.text : token.raw;
}

function isBlock({ type }: Token): boolean {
  return type === "list" || type === "list_item" || type === "blockquote" || type === "table";
}

/** Lists keep theirs in items, tables in cells. */
export function innerOf(token: Token): Token[] {
  if (token.type === "list") return (token as Tokens.List).items;
  if (token.type !== "table") return "tokens" in token ? (token.tokens ?? []) : [];
  const { header, rows } = token as Tokens.Table;
  return [...header, ...rows.flat()].flatMap((cell) => cell.tokens);
}
