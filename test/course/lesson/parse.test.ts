import { describe, expect, test } from "vitest";
import { exchangesOn, type Lesson } from "../../../src/course/lesson/index.ts";
import { parseLesson } from "../../../src/course/lesson/parse.ts";

const parse = (text: string): Lesson => parseLesson(text, { name: "02-rootfs", language: "en" });
const inSection = (text: string) => parse(`# Title\n\n## One\n\n${text}`).sections[1]!.blocks;

const CONSOLE = `\`\`\`console attack varies=pid,time
$ ps
  PID CMD
    1 sh
$ echo a \\
> b
a b
\`\`\``;

describe("a lesson", () => {
  test("is a title and sections, each with prose and fences by turns", () => {
    const lesson = parse(
      `# A different /\n\nWhy.\n\n## See it\n\nText.\n\n${CONSOLE}\n\nMore.\n\n### Small\n\n- one\n`,
    );
    expect(lesson).toMatchObject({ number: "02", name: "02-rootfs", title: "A different /", language: "en" });
    expect(lesson.sections.map(({ heading }) => heading)).toEqual(["A different /", "See it"]);
    expect(lesson.sections[1]!.blocks.map(({ kind }) => kind)).toEqual(["prose", "console", "prose"]);
  });

  test("says where its sections and fences are", () => {
    const [, section] = parse(`# Title\n\nText\nof two lines.\n\n## One\n\n${CONSOLE}\n`).sections;
    expect(section).toMatchObject({ line: 6, blocks: [{ kind: "console", line: 8, number: 1 }] });
  });

  test.each([
    ["no title", "Text.\n", "1: a lesson begins with its title: # …"],
    ["code of nowhere", "# T\n\n```ts\nx\n```\n", "3: code says where it is from"],
    ["a fence of an unknown kind", "# T\n\n```bash\nx\n```\n", "3: ```bash: there are"],
    ["an unknown field", "# T\n\n```console varies=mood\n$ x\n```\n", '3: there is no field "mood"'],
    ["a console that begins with output", "# T\n\n```console\nx\n```\n", '3: a console begins with "$ command"'],
    ["a fence in a list", "# T\n\n- a\n\n  ```console\n  $ x\n  ```\n", "3: a fence can't be inside of a list"],
    ["a variant of nothing", "# T\n\n```console v1\n$ x\n```\n", "3: a variant for v1 stands right below"],
    [
      "a variant of other commands",
      "# T\n\n```console\n$ x\n```\n\n```console v1\n$ y\n```\n",
      "7: the variant for v1 has",
    ],
  ])("can't have %s", (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

describe("a console", () => {
  test("is commands, and what each printed", () => {
    expect(inSection(CONSOLE)).toMatchObject([
      {
        isAttack: true,
        isHost: false,
        varies: ["pid", "time"],
        exchanges: [
          { command: "ps", output: ["  PID CMD", "    1 sh"] },
          { command: "echo a \\\nb", output: ["a b"] },
        ],
      },
    ]);
  });

  test("has variants for other machines; a hybrid one is rather like v1 than like v2", () => {
    const [block] = inSection("```console\n$ a\ntwo\n```\n\n```console v1\n$ a\none\n```\n");
    if (block?.kind !== "console") throw new Error("that is no console");
    const said = (["v1", "hybrid", "v2"] as const).map((machine) => exchangesOn(block, machine)[0]!.output);
    expect(said).toEqual([["one"], ["one"], ["two"]]);
  });
});

describe("a prediction", () => {
  const TEXT = "What does it print?\n\n- [ ] nothing\n- [x] `all`\n\n> Because.";

  test("is a question, choices, and why", () => {
    const [block] = inSection(`\`\`\`predict\n${TEXT}\n\`\`\`\n`);
    expect(block).toMatchObject({
      kind: "predict",
      question: [{ text: "What does it print?" }],
      choices: [{ isRight: false }, { isRight: true }],
      why: [{ text: "Because." }],
    });
  });

  test.each([
    ["a right choice", TEXT.replace("[x]", "[ ]"), "a right one among them"],
    ["a reason", TEXT.replace("> Because.", ""), "ends with why"],
  ])("needs %s", (_, text, message) => {
    expect(() => inSection(`\`\`\`predict\n${text}\n\`\`\`\n`)).toThrow(message);
  });
});
