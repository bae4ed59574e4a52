// Every command of every lesson is run on this kernel, and what it prints is what the lesson shows.

import { describe, expect, test } from "vitest";
import { differenceOf } from "../../../src/course/lesson/compare.ts";
import { consolesOf, lessonNames, readLesson } from "../../../src/course/lesson/index.ts";
import type { Lesson } from "../../../src/course/lesson/lesson.ts";
import { parseLesson } from "../../../src/course/lesson/parse.ts";
import { machineKind, type Rehearsed, rehearse } from "../../../src/course/lesson/rehearse.ts";
import { inOwnLab } from "../../../src/course/lesson/write-down.ts";
import { needs } from "../../support/needs.ts";

async function rehearsed(lesson: Lesson): Promise<Rehearsed[]> {
  const blocks: Rehearsed[] = [];
  await inOwnLab(async (shells) => {
    for await (const block of rehearse(lesson, shells)) blocks.push(block);
  });
  return blocks;
}

const differences = (blocks: Rehearsed[]) =>
  blocks.map(({ block, came }) => differenceOf(block, came, machineKind())).filter((difference) => difference);

/** Whether it prints something else where cgroups are elsewhere. */
const hasVariants = (lesson: Lesson) => consolesOf(lesson).some(({ variants }) => Object.keys(variants).length > 0);

for (const name of lessonNames()) {
  const lesson = readLesson(name, "en");
  // An emulated machine has time only for what it alone can tell.
  const wants = hasVariants(lesson) ? {} : needs("speed");
  test(`every block of lesson ${name} prints what is shown`, { ...wants, timeout: 900_000 }, async () => {
    const blocks = await rehearsed(lesson);
    expect(differences(blocks)).toEqual([]);
    expect(blocks).toHaveLength(consolesOf(lesson).length);
  });
}

describe("a lab's shell", needs("speed"), () => {
  const lesson = (console: string) =>
    parseLesson(`# T\n\n\`\`\`console\n${console}\n\`\`\`\n`, { name: "01-x", language: "en" });

  test("is one for all of a lesson, as root of nothing outside", async () => {
    const console = "$ hostname; cd /tmp; id -u; x=1\nlab\n0\n$ pwd; echo $x\n/tmp\n1";
    expect(differences(await rehearsed(lesson(console)))).toEqual([]);
  });

  test("goes on in a new one when a command has thrown it over", async () => {
    const console = "$ sh -c 'kill -9 -1'\n$ hostname\nlab\n$ exit\n$ echo still here\nstill here";
    expect(differences(await rehearsed(lesson(console)))).toEqual([]);
  });

  test("tells one wrong line of an output", async () => {
    expect(differences(await rehearsed(lesson("$ hostname\nhost")))).toHaveLength(1);
  });
});
