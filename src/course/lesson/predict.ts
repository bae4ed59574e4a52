// A question to be answered before one has seen it happen: a text, choices with `- [ ]` and `- [x]`, and behind `> ` why.

import { lexer, type Token, type Tokens } from "marked";
import type { Choice } from "./lesson.ts";

interface Question {
  question: Token[];
  choices: Choice[];
  why: Token[];
}

/** Throws Error where one of the three is missing, or no choice is right. */
export function readPredict(text: string): Question {
  const tokens = lexer(text).filter(({ type }) => type !== "space");
  const choices = tokens.filter(isList).flatMap(({ items }) => items.map(choiceOf));
  const why = tokens
    .filter(({ type }) => type === "blockquote")
    .flatMap((quote) => (quote as Tokens.Blockquote).tokens);
  const question = tokens.filter((token) => !isList(token) && token.type !== "blockquote");
  if (question.length === 0) throw new Error("a prediction begins with its question");
  if (choices.length < 2 || !choices.some(({ isRight }) => isRight))
    throw new Error("a prediction has two choices or more, `- [ ] …`, and a right one among them, `- [x] …`");
  if (why.length === 0) throw new Error("a prediction ends with why it is so, behind `> `");
  return { question, choices, why };
}

function isList(token: Token): token is Tokens.List {
  return token.type === "list";
}

function choiceOf({ tokens, task, checked }: Tokens.ListItem): Choice {
  if (!task) throw new Error("a choice is `- [ ] …` or `- [x] …`");
  return { tokens: tokens.filter(({ type }) => type !== "checkbox"), isRight: checked === true };
}
