// What the instructor's page tells a class to type has to be there.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lessonNames } from "../../src/course/lesson/index.ts";
import { PROGRAM } from "../support/cli.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/instructor.md"), "utf8");

test("the instructor's page names verbs and flags that there are", () => {
  const named = [...new Set([...page.matchAll(/mini-docker (learn \w+|doctor)/g)].map(([, words]) => words!))];
  expect(named).toEqual(expect.arrayContaining(["learn kit", "learn check", "learn progress", "doctor"]));
  const wrong = named.filter((words) => spawnSync("node", ["--", PROGRAM, ...words.split(" "), "--help"]).status !== 0);
  expect(wrong).toEqual([]);
});

test("and has a line for each lesson", () => {
  const numbers = lessonNames().map((name) => name.slice(0, 2));
  expect(numbers.filter((number) => !page.includes(`\n| ${number} `))).toEqual([]);
});
