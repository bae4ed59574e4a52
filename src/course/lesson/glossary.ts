// One English term, one Chinese term, everywhere: `lessons/glossary.json`. Where an English section speaks of a namespace,
// the Chinese one has to have the word that the glossary has for it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../package-folder.ts";
import type { Lesson } from "./lesson.ts";
import { proseOf } from "./prose.ts";

export type Glossary = Record<string, string>;

export function readGlossary(folder: string = packageFolder()): Glossary {
  return JSON.parse(readFileSync(join(folder, "lessons/glossary.json"), "utf8")) as Glossary;
}

export function glossaryProblems(english: Lesson, translated: Lesson, glossary: Glossary): string[] {
  return english.sections.flatMap((section, index) => {
    const other = translated.sections[index];
    if (!other) return [];
    const [said, translation] = [proseOf(section), proseOf(other)];
    const missing = Object.entries(glossary).filter(
      ([term, word]) => hasTerm(said, term) && !translation.includes(word),
    );
    return missing.map(([term, word]) => `${other.line}: "${other.heading}" doesn't say ${word} for "${term}"`);
  });
}

/** One or several of it. */
function hasTerm(text: string, term: string): boolean {
  const stem = term
    .replace(/y$/, "")
    .replace(/[^\w ]/g, "\\$&")
    .replaceAll(" ", "\\s+");
  return new RegExp(`\\b${stem}${term.endsWith("y") ? "(?:y|ies)" : "(?:s|es)?"}\\b`, "i").test(text);
}
