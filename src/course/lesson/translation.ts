// English and Chinese say the same. That a sentence is well translated no program knows; but that both have the same
// sections in the same order, with the same fences and the same code, and that no English section has changed since it was
// translated, one can.

import { digestOf } from "./digest.ts";
import type { Block, Lesson, Section } from "./lesson.ts";
import { parseLesson, sectionsOf, TRANSLATES } from "./parse.ts";
import { piecesOf } from "./pieces.ts";

/** What a translation lacks, a sentence each. */
export function translationProblems(english: Lesson, translated: Lesson): string[] {
  const counts = [english, translated].map(({ sections }) => sections.length);
  if (counts[0] !== counts[1]) return [`it has ${counts[1]} sections and the English lesson ${counts[0]}`];
  return english.sections.flatMap((section, index) => sectionProblems(section, translated.sections[index]!));
}

function sectionProblems(english: Section, translated: Section): string[] {
  const place = `${translated.line}: "${translated.heading}"`;
  const fences = [english, translated].map(({ blocks }) => blocks.filter(({ kind }) => kind !== "prose"));
  const [ours = [], theirs = []] = fences.map((blocks) => blocks.map(told));
  const differing = ours.findIndex((fence, index) => fence !== theirs[index]);
  const problems: string[] = [];
  if (ours.length !== theirs.length)
    problems.push(`${place} has ${theirs.length} fences, and "${english.heading}" has ${ours.length}`);
  else if (differing >= 0)
    problems.push(`${place}: fence ${differing + 1} isn't the one of "${english.heading}": ${ours[differing]}`);
  if (translated.translates !== digestOf(english))
    problems.push(`${place} is stale: "${english.heading}" was changed since it was translated`);
  return problems;
}

/** What has to be the same in every language. Of a question that is which choices are right, of a picture nothing. */
function told(block: Block): string {
  const { kind } = block;
  if (kind === "predict") return `predict ${block.choices.map(({ isRight }) => (isRight ? "x" : "-")).join("")}`;
  if (kind === "picture" || kind === "prose") return kind;
  const { number, line, ...same } = block;
  return JSON.stringify(same);
}

/** The translation's text, with each section marked as saying what the English one says now. */
export function marked(english: string, translated: string): string {
  const digests = parseLesson(english, { name: "", language: "en" }).sections.map(digestOf);
  return sectionsOf(piecesOf(translated))
    .map((pieces, index) => {
      const [heading = "", ...rest] = pieces.filter(({ raw }) => !TRANSLATES.test(raw)).map(({ raw }) => raw);
      return `${heading.trimEnd()}\n<!-- en: ${digests[index] ?? ""} -->\n\n${rest.join("").trimStart()}`;
    })
    .join("");
}
