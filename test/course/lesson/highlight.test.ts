import { expect, test } from "vitest";
import { difference } from "../../../src/course/lesson/difference.ts";
import { highlighted } from "../../../src/course/lesson/highlight.ts";

const told = (code: string, language: string) =>
  highlighted(code, language).map((line) => line.filter(({ kind }) => kind).map(({ text, kind }) => `${kind} ${text}`));

test("the words of TypeScript, C and commands have kinds", () => {
  expect(told(`export const a = f("x", 12); // why\n`, "ts")).toEqual([
    ["keyword export", "keyword const", "name f", 'string "x"', "number 12", "comment // why"],
    [],
  ]);
  expect(told("static int x = 1;", "c")).toEqual([["type static", "type int", "number 1"]]);
  expect(told('cat "/proc/self"', "console")).toEqual([['string "/proc/self"']]);
});

test("no character of the code is lost, and a comment of two lines is one on both", () => {
  const code = `/** One\n * two {@link x} */\nconst a = \`b\${c}\`;\n\n`;
  const lines = highlighted(code, "ts");
  expect(lines.map((line) => line.map(({ text }) => text).join("")).join("\n")).toBe(code);
  expect(new Set(lines.slice(0, 2).flatMap((line) => line.map(({ kind }) => kind)))).toEqual(new Set(["comment"]));
});

test("two answers are shown line by line", () => {
  expect(difference("a\nb\nc", "a\nB\nc\n")).toEqual([
    { of: "both", text: "a" },
    { of: "theirs", text: "b" },
    { of: "ours", text: "B" },
    { of: "both", text: "c" },
  ]);
});
