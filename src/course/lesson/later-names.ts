// A lesson speaks of what has been built so far, and never of a function that only a later stage has.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../package-folder.ts";
import type { Lesson } from "./lesson.ts";
import { codeWordsOf, proseOf } from "./prose.ts";

const EXPORT = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;

/** Names of later stages in the prose, and code of theirs in fences, a sentence each. */
export function laterNameProblems(lesson: Lesson, folder: string = packageFolder()): string[] {
  const later = laterNames(lesson.number, folder);
  return lesson.sections.flatMap((section) => {
    const words = [...codeWordsOf(section), proseOf(section)].flatMap((text) => text.match(/\w+/g) ?? []);
    const strays = [...new Set(words)].filter((word) => isName(word) && later.has(word));
    const fences = section.blocks.filter((block) => block.kind === "code");
    return [
      ...strays.map((word) => `${section.line}: "${section.heading}" names ${word}, of ${later.get(word)}`),
      ...fences
        .filter(({ source }) => numberOf(source.path) > lesson.number)
        .map(({ line, source }) => `${line}: shows ${source.path}, of a later stage`),
    ];
  });
}

/** Each with the stage that has it; what an earlier one has, too, isn't among them. */
function laterNames(number: string, folder: string): Map<string, string> {
  const stages = readdirSync(join(folder, "src")).filter((name) => /^\d\d-/.test(name));
  const earlier = new Set(stages.filter((name) => name.slice(0, 2) <= number).flatMap((name) => namesOf(name, folder)));
  const later = stages.filter((name) => name.slice(0, 2) > number);
  const pairs = later.flatMap((stage) => namesOf(stage, folder).map((name) => [name, stage] as const));
  return new Map(pairs.filter(([name]) => !earlier.has(name)));
}

function namesOf(stage: string, folder: string): string[] {
  const path = join(folder, "src", stage);
  const files = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return files.flatMap((name) => [...readFileSync(join(path, name), "utf8").matchAll(EXPORT)].map(([, word]) => word!));
}

/** `pivotSteps`, `MS`, and not `mount`, which is a word, too. */
function isName(word: string): boolean {
  return /[a-z][A-Z]/.test(word);
}

function numberOf(path: string): string {
  return /^(?:src|lessons)\/(\d\d)-/.exec(path)?.[1] ?? "00";
}
