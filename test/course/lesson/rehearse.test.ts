import { describe, expect, onTestFinished, test } from "vitest";
import { differenceOf, isSame, outputLines, recorded } from "../../../src/course/lesson/compare.ts";
import { hostShell } from "../../../src/course/lesson/host-shell.ts";
import { type Console, consolesOf } from "../../../src/course/lesson/index.ts";
import { parseLesson } from "../../../src/course/lesson/parse.ts";
import { rehearse } from "../../../src/course/lesson/rehearse.ts";
import { openShell } from "../../../src/course/lesson/shell.ts";

describe("a shell", () => {
  const shell = () => {
    const opened = openShell(hostShell());
    onTestFinished(() => opened.close());
    return opened;
  };

  test("is one for all commands: folders, variables and functions stay", async () => {
    const { run } = shell();
    await run("cd /proc; name='it''s'; greet() {\n  echo \"hi $1\"\n}", 5000);
    expect(await run('greet "$name"; pwd', 5000)).toEqual({ exitCode: 0, output: "hi its\n/proc\n", isLate: false });
  });

  test("hears both outputs as they come, and the exit code", async () => {
    const { run } = shell();
    expect(await run("echo a; echo b >&2; printf c; (exit 3)", 5000)).toMatchObject({ exitCode: 3, output: "a\nb\nc" });
  });

  test("gives a command nothing to read, so that it can't take the next one", async () => {
    const { run } = shell();
    expect(await run("cat", 5000)).toMatchObject({ output: "" });
    expect(await run("echo still here", 5000)).toMatchObject({ output: "still here\n" });
  });

  test("types no line before what went into the background has begun", async () => {
    const { run } = shell();
    for (let time = 0; time < 30; time++) {
      await run("KEY=7f3a sleep 9 & LAST=$!", 5000);
      const { output } = await run("tr '\\0' '\\n' < /proc/$LAST/environ | grep KEY; kill $LAST", 5000);
      expect(output).toContain("KEY=7f3a");
    }
    expect(await run("(while :; do sleep 1; done) & kill $!", 5000)).toMatchObject({ output: "" });
  });

  test("that a command has ended is started again", async () => {
    const { run } = shell();
    expect(await run("echo bye; exit 4", 5000)).toEqual({ exitCode: undefined, output: "bye\n", isLate: false });
    expect(await run("echo again", 5000)).toMatchObject({ exitCode: 0, output: "again\n" });
  });

  test("waits for nothing for ever", async () => {
    const { run } = shell();
    expect(await run("while :; do :; done", 300)).toMatchObject({ isLate: true });
    expect(await run("echo again", 5000)).toMatchObject({ output: "again\n" });
  });
});

describe("what is shown", () => {
  test("is what came, line by line; … stands for any lines, also for none", () => {
    expect(isSame(["a", "b"], ["a", "b"], [])).toBe(true);
    expect(isSame(["a", "b"], ["a"], [])).toBe(false);
    expect(isSame(["a"], ["a", "b"], [])).toBe(false);
    expect(isSame(["a", "…", "d"], ["a", "b", "c", "d"], [])).toBe(true);
    expect(isSame(["…", "d"], ["d"], [])).toBe(true);
    expect(isSame(["a", "…"], ["b", "a"], [])).toBe(false);
  });

  test("may differ in what varies, and in nothing else", () => {
    expect(isSame(["pid 12 is sh"], ["pid   4711 is sh"], ["pid"])).toBe(true);
    expect(isSame(["pid 12 is sh"], ["pid 4711 is ps"], ["pid"])).toBe(false);
    expect(isSame(["pid 12 is sh"], ["pid 4711 is sh"], [])).toBe(false);
  });

  test("doesn't depend on which shell complains", () => {
    const complaints = ["sh: 1: x: not found", "sh: line 1: x: not found", "sh: 7: eval: x: not found"];
    expect(complaints.map(outputLines)).toEqual(complaints.map(() => ["sh: x: not found"]));
  });
});

const LESSON = `# T

\`\`\`console host varies=pid
$ echo 17; x=2
12
$ echo $((x + 1))
3
\`\`\`

\`\`\`console
$ hostname
lab
\`\`\`
`;

test("a lesson's consoles are run in their order; what needs a lab only where there is one", async () => {
  const lesson = parseLesson(LESSON, { name: "01-x", language: "en" });
  const came = [];
  for await (const { block, came: each } of rehearse(lesson, { host: hostShell() })) {
    came.push(...each);
    expect(differenceOf(block, each, "v2")).toBeUndefined();
  }
  expect(came.map(({ output }) => output)).toEqual([["17"], ["3"]]);
});

test("what came otherwise is told with its command", () => {
  const [block] = consolesOf(parseLesson(LESSON, { name: "01-x", language: "en" })) as [Console];
  const came = [
    { command: block.exchanges[0]!.command, output: ["13"] },
    { command: block.exchanges[1]!.command, output: ["x"] },
  ];
  expect(differenceOf(block, came, "v2")).toContain("$ echo $((x + 1))\nis shown as:\n3\nand this came:\nx");
});

test("writing down keeps what is shown where it still holds", () => {
  const came = (...outputs: string[][]) => outputs.map((output) => ({ command: "x", output }));
  expect(recorded(came(["a", "…"], ["b"]), came(["a", "1", "2"], ["c"]), [])).toEqual(came(["a", "…"], ["c"]));
});
