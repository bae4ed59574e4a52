// The lessons that there are: their code is the source's, and both languages say the same. And each of these claims is one
// that could be false: a character changed, a fence taken away.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { filled } from "../../../src/course/lesson/fill.ts";
import { LANGUAGES } from "../../../src/course/lesson/folder.ts";
import {
  consolesOf,
  type Language,
  lessonFile,
  lessonNames,
  readLesson,
  sourceText,
} from "../../../src/course/lesson/index.ts";
import { parseLesson } from "../../../src/course/lesson/parse.ts";
import { piecesOf } from "../../../src/course/lesson/pieces.ts";
import { proseOf } from "../../../src/course/lesson/prose.ts";
import { translationProblems } from "../../../src/course/lesson/translation.ts";
import { fillAll, problemsOf } from "../../../src/course/lesson/upkeep.ts";

const textOf = (name: string, language: Language) => readFileSync(lessonFile(name, language), "utf8");

test("the code that lessons show is the engine's own, as it is now", () => {
  expect(fillAll({ write: false })).toEqual([]);
});

test("both languages say the same, in the glossary's words, and nothing of later stages", () => {
  expect(problemsOf()).toEqual([]);
});

describe.each(lessonNames())("lesson %s", (name) => {
  test("with one character of a shown function changed isn't the engine's own code any more", () => {
    const text = textOf(name, "en");
    const shown = piecesOf(text).find(({ raw }) => /^```(?:ts|c) (?!reveal)/.test(raw));
    if (!shown) return expect(name).toMatch(/^00-/);
    const other = text.replace(shown.raw, shown.raw.replace(/^(.*\n[^a-z]*)[a-z]/, "$1#"));
    expect(other).not.toBe(text);
    expect(filled(other, ({ source }) => sourceText(source))).toBe(text);
  });

  test("has everything it shows in the repository, and shows nothing of what the exercise asks for", () => {
    const fences = readLesson(name, "en").sections.flatMap(({ blocks }) =>
      blocks.filter(({ kind }) => kind === "code"),
    );
    const hidden = fences.filter((block) => block.kind === "code" && block.isReveal);
    for (const block of fences) if (block.kind === "code") expect(sourceText(block.source)).not.toBe("");
    expect(hidden.map((block) => block.kind === "code" && block.text)).toEqual(hidden.map(() => ""));
  });

  test("shows version 1 of cgroups its own output wherever a hybrid machine has one", () => {
    const variants = consolesOf(readLesson(name, "en")).map((console) => console.variants);
    expect(variants.filter(({ hybrid, v1 }) => hybrid && !v1)).toEqual([]);
  });

  test("shows no asterisks: Markdown finds no end of an emphasis between a full stop and a character", () => {
    const texts = LANGUAGES.filter((language) => existsSync(lessonFile(name, language))).flatMap((language) =>
      readLesson(name, language).sections.map(proseOf),
    );
    expect(texts.filter((text) => text.includes("**"))).toEqual([]);
  });

  test("without one of its Chinese fences isn't what the English one says", () => {
    if (!existsSync(lessonFile(name, "zh"))) return expect.unreachable("it isn't there in Chinese");
    const [english, text] = [readLesson(name, "en"), textOf(name, "zh")];
    const fence = piecesOf(text).find(({ token }) => token.type === "code")!;
    const other = parseLesson(text.replace(fence.raw, ""), { name, language: "zh" });
    expect(translationProblems(english, other).join("\n")).toMatch(/has \d+ fences, and/);
  });
});
