import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { inkOf } from "../../src/cli/show/lesson/ink.ts";
import { type PageLook, piecesOf } from "../../src/cli/show/lesson/page.ts";
import { displayWidth } from "../../src/cli/show/width.ts";
import { difference } from "../../src/course/lesson/difference.ts";
import { type Language, readLesson } from "../../src/course/lesson/index.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");

const page = (language: Language, look: Partial<PageLook> = {}) =>
  piecesOf(readLesson("03-namespaces", language, FIXTURES), {
    badge: "[03]",
    columns: 80,
    ink: inkOf(2),
    machine: "v2",
    reveal: () => undefined,
    ...look,
  });
const linesOf = (...args: Parameters<typeof page>) => page(...args).flatMap(({ lines }) => [...lines, ""]);
const textOf = (...args: Parameters<typeof page>) => stripVTControlCharacters(linesOf(...args).join("\n"));
const squeezed = (text: string) => text.replace(/\s+|[│↪▎]/g, "");

describe("a lesson's page", () => {
  test.each([40, 60, 80, 120, 200])("of %i columns is never wider, in either language", (columns) => {
    for (const language of ["en", "zh"] as const)
      expect(Math.max(...linesOf(language, { columns }).map(displayWidth))).toBeLessThanOrEqual(columns);
  });

  test("is for reading: on a wide terminal sentences aren't wider than a book's", () => {
    const prose = linesOf("en", { columns: 200 }).filter((line) => line.includes("different answers"));
    expect(Math.max(...prose.map(displayWidth))).toBeLessThanOrEqual(88);
  });

  test("loses no character of code and commands when it is narrow", () => {
    const narrow = squeezed(textOf("en", { columns: 44 }));
    expect(narrow).toContain(squeezed("reduce((flags, { flag }) => flags | flag, 0x20); // SIGCHLD"));
    expect(narrow).toContain(squeezed("/proc/self/ns/pid -> 'pid:[4026531836]'"));
  });

  test("begins no Chinese line with a mark that can't stand there", () => {
    for (let columns = 40; columns <= 80; columns++)
      expect(textOf("zh", { columns })).not.toMatch(/\n[ │•▎]*[，。、；：？！）》」』”]/u);
  });

  test("joins Chinese lines of the source without a space, and English ones with one", () => {
    expect(textOf("zh")).toMatch(/同样的问题，\s*不同的回答/u);
    expect(textOf("zh", { columns: 200 })).toContain("同样的问题，不同的回答");
    expect(textOf("en", { columns: 200 })).toContain("let it see: different answers");
  });

  test("shows a table in columns, each as wide as its cells", () => {
    expect(textOf("zh")).toContain(
      [
        "  种类   它回答什么                            标志",
        "  ─────  ────────────────────────────────────  ─────────────",
        "  mount  有哪些文件，每个文件是从哪里挂载来的  CLONE_NEWNS",
      ].join("\n"),
    );
  });

  test("has the output that came on such a machine", () => {
    expect(textOf("en", { machine: "v2" })).toContain("1 ps");
    expect(textOf("en", { machine: "hybrid" })).toContain("7 on v1");
  });

  test("asks, shows what happens, and only then says what was right", () => {
    const pieces = page("en");
    const asked = pieces.findIndex(({ asks }) => asks);
    expect(pieces[asked]!.lines.join("\n")).not.toContain("no such number");
    expect(pieces[asked + 1]!.lines.join("\n")).toContain("kill -9 4711");
    expect(pieces[asked + 2]).toMatchObject({ answers: pieces[asked]!.asks });
    expect(stripVTControlCharacters(pieces[asked + 2]!.lines.join("\n"))).toContain("2) No such process");
  });
});

describe("what the exercise asks for", () => {
  test("is nowhere before the check has passed", () => {
    expect(textOf("en")).toContain("mini-docker learn check 03");
    expect(textOf("en")).not.toContain("CLONE.NEWCGROUP");
  });

  test("is shown as a difference afterwards", () => {
    const ours = "a\nCLONE.NEWCGROUP";
    const theirs = "a\nCLONE.NEWPID";
    const text = textOf("en", { reveal: () => ({ ours, theirs, lines: difference(theirs, ours) }) });
    expect(text).toMatch(/yours \(-\) and ours \(\+\)\n.*a\n.*- CLONE\.NEWPID\n.*\+ CLONE\.NEWCGROUP\n/);
  });
});

describe("without colours", () => {
  test("code in a sentence is told by its marks, and there is no escape sequence", () => {
    const text = linesOf("en", { ink: inkOf(0) }).join("\n");
    expect(text).not.toContain("\x1b");
    expect(text).toContain("`guest` can list");
  });

  test("and plain, there is no frame, and a line of code is one line", () => {
    const text = linesOf("en", { ink: inkOf(0, true), columns: 40 }).join("\n");
    expect(text).not.toMatch(/[│╭╰↪━]/);
    expect(text).toContain("    lrwxrwxrwx 1 root root 0 Nov 28 22:17 /proc/self/ns/pid -> 'pid:[4026531836]'\n");
  });
});
