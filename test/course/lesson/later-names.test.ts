import { expect, test } from "vitest";
import { laterNameProblems } from "../../../src/course/lesson/later-names.ts";
import { parseLesson } from "../../../src/course/lesson/parse.ts";

const problems = (text: string) =>
  laterNameProblems(parseLesson(`# T\n\n${text}\n`, { name: "02-rootfs", language: "en" }));

test("a lesson may name what its own stage has, or an earlier one, and words that are words", () => {
  expect(problems("See `pivotSteps` and `closeRangeStep`; `run` and `mount` are words.")).toEqual([]);
});

test.each([
  ["in backticks", "See `overlaySteps`.", "names overlaySteps, of 05-overlay"],
  ["as a call", "It is `createContainer(roots)`.", "names createContainer, of 10-containers"],
  ["in a sentence", "Then limitSteps comes.", "names limitSteps, of 04-cgroups"],
  ["as code", "```ts src/05-overlay/mount.ts#overlaySteps\n```", "shows src/05-overlay/mount.ts, of a later stage"],
])("what only a later stage has is found %s", (_, text, problem) => {
  expect(problems(text).join("\n")).toContain(problem);
});
