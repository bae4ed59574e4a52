// Whoever opens the tree finds the course in it: numbered stages, each with one door, each file with a word about why.

import { describe, expect, test } from "vitest";
import { contentOf, files, sources, stages } from "./tree.ts";

describe("the tree", () => {
  test("has in src the stages, the command line and the course, and nothing else", () => {
    const others = sources.filter((path) => !/^src\/(\d\d-[a-z]+|cli|course)\//.test(path));
    expect(others).toEqual([]);
  });

  test("numbers no stage twice", () => {
    const numbers = stages.map((name) => name.slice(0, 2));
    expect(numbers).toEqual([...new Set(numbers)]);
  });

  test.each(stages)("lets others into %s through its index", (stage) => {
    expect(sources).toContain(`src/${stage}/index.ts`);
  });

  test("has a test folder for stages, the command line, the course and the house, and nothing else", () => {
    const known = new Set([...stages, "cli", "course", "house", "support", "fixtures", "bench"]);
    const folders = files.filter((path) => path.startsWith("test/")).map((path) => path.split("/")[1] ?? "");
    expect(folders.filter((name) => !known.has(name))).toEqual([]);
  });

  test("has a test for every stage", () => {
    const untested = stages.filter(
      (stage) => !files.some((path) => path.startsWith(`test/${stage}/`) && path.endsWith(".test.ts")),
    );
    expect(untested).toEqual([]);
  });

  test("names no file after nothing in particular", () => {
    const vague = sources.filter((path) =>
      /\/(utils?|helpers?|common|misc|manager|handlers?|data|info)\.ts$/.test(path),
    );
    expect(vague).toEqual([]);
  });

  test("begins every file but tests, which are claims, with a comment: what the kernel offers, or why the file is there", () => {
    const code = files.filter(
      (path) => /^(src|native|scripts|test|bench)\/.*\.(ts|mjs|c|h|sh)$/.test(path) && !path.endsWith(".test.ts"),
    );
    const silent = code.filter((path) => !/^(#!.*\n)?\s*(\/\/|\/\*|#)/.test(contentOf(path)));
    expect(silent).toEqual([]);
  });
});
