import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const folder = mkdtempSync(join(tmpdir(), "read-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const learn = (argv: string[], env: NodeJS.ProcessEnv = {}) => {
  const options = {
    cwd: join(folder, "workshop"),
    encoding: "utf8",
    // Whoever runs the tests may want no colours.
    env: { ...process.env, NO_COLOR: undefined, LANG: "C", ...env },
  } as const;
  const { status, stdout, stderr } = spawnSync("node", ["--", PROGRAM, "learn", ...argv], options);
  return { status, stdout, stderr };
};
spawnSync("node", ["--", PROGRAM, "learn", "start", join(folder, "workshop")]);

describe("learn read into a pipe", () => {
  test("prints all of it, in the language that was asked for, or that the machine speaks", () => {
    expect(learn(["read", "02"]).stdout).toMatch(/A different \//);
    const chinese = learn(["read", "02", "--lang", "zh"]).stdout;
    expect(chinese).toMatch(/\p{Script=Han}{6}/u);
    expect(learn(["read", "02"], { LANG: "zh_CN.UTF-8" }).stdout).toBe(chinese);
  });

  test("has colours only where they are wanted", () => {
    expect(learn(["read", "02"]).stdout).not.toContain("\x1b");
    expect(learn(["read", "02"], { FORCE_COLOR: "1" }).stdout).toContain("\x1b[");
    expect(learn(["read", "02"], { FORCE_COLOR: "1", NO_COLOR: "1" }).stdout).not.toContain("\x1b");
  });

  test("knows which lesson is next, and which there are", () => {
    expect(learn(["read"]).stdout).toMatch(/^ *00 /);
    expect(learn(["read", "77"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("there is no lesson 77"),
    });
    expect(learn(["read", "1", "--lang", "fr"]).stderr).toContain('there is no language "fr"');
  });

  test("shows what the exercise asks for when the check has passed, as a difference, and not before", () => {
    const file = join(folder, "workshop/02-rootfs.ts");
    const progress = join(folder, "workshop/progress.json");
    const [before, unmoved] = [learn(["read", "02"]).stdout, readFileSync(file, "utf8")];
    expect(before).toContain("mini-docker learn check 02");
    expect(before).not.toMatch(/^ *│ \+ /m);
    writeFileSync(progress, JSON.stringify({ lessons: { "02-rootfs": { passed: "2026-01-01T00:00:00Z" } } }));
    const after = learn(["read", "02"]).stdout;
    expect(after).toMatch(/│ - .*chroot/);
    expect(after).toMatch(/│ \+ .*pivotRootStep/);
    expect(readFileSync(file, "utf8")).toBe(unmoved);
    writeFileSync(progress, JSON.stringify({ lessons: {} }));
  });
});

const PROMPT = /Enter: on|or Enter to see/g;
const VERDICT = /You were right|It is another one/;

/** What one sees who presses `keyFor` what is asked, and leaves after so many keys, or a verdict. */
async function onTerminal(keyFor: (prompt: string) => string, most: number): Promise<string> {
  const command = `stty cols 80; node -- ${PROGRAM} learn read 00`;
  const env = { ...process.env, LANG: "C", TERM: "xterm", NO_COLOR: "1" };
  const terminal = spawn("script", ["-qec", command, "/dev/null"], { cwd: join(folder, "workshop"), env });
  let screen = "";
  let pressed = 0;
  for await (const bytes of terminal.stdout.setEncoding("utf8")) {
    screen += bytes;
    for (const prompt of (screen.match(PROMPT) ?? []).slice(pressed)) {
      pressed += 1;
      terminal.stdin.write(pressed > most || VERDICT.test(screen) ? "q" : keyFor(prompt));
    }
  }
  return stripVTControlCharacters(screen);
}

describe("learn read for a person", needs("program:script"), () => {
  test("goes on with Enter, and leaves with q", async () => {
    const screen = await onTerminal(() => "\r", 2);
    expect(screen.match(PROMPT)).toHaveLength(3);
  });

  test("keeps an answer until one has seen what happens", async () => {
    const screen = await onTerminal((prompt) => (prompt.startsWith("or") ? "1" : "\r"), 40);
    const [asked, judged] = [screen.indexOf("or Enter to see"), screen.search(VERDICT)];
    expect(asked).toBeGreaterThan(0);
    expect(screen.slice(asked, judged)).toMatch(/│ \$ /);
  });

  test("judges nobody who didn't answer", async () => {
    expect(await onTerminal(() => "\r", 9)).not.toMatch(VERDICT);
  });
});
