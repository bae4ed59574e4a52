// What a lesson's code promises before anything is run: its size, its imports, and that hints don't give it away.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { spellCall } from "../../src/01-syscalls/spell.ts";
import { type StageName, Stages } from "../../src/10-containers/stages.ts";
import type { Check, Say } from "../../src/course/grade/check.ts";
import { functionsThrough, type TryModule } from "../../src/course/grade/functions.ts";
import type { Seen } from "../../src/course/grade/seen.ts";
import { checked, codeLines, LESSONS, textOf, wrongAnswers } from "./lesson-files.ts";

const root = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "lessons-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function checkOf(lesson: string): Promise<Check> {
  return (await import(join(LESSONS, lesson, "check.ts"))).default;
}

/** Numbers of the stages that a text imports. */
function stagesIn(text: string): string[] {
  return [...text.matchAll(/from "mini-docker\/(\d\d)-/g)].map(([, number]) => number!);
}

describe.each(checked)("lesson %s", (lesson) => {
  const number = lesson.slice(0, 2);
  const all = ["try.ts", "exercise.ts", "solution.ts", ...wrongAnswers(lesson).map(({ file }) => file)];

  test("imports nothing of a later stage, and nothing but stages and the words of the course", () => {
    for (const file of [...all, "check.ts"]) {
      const text = textOf(lesson, file);
      expect([file, stagesIn(text).filter((stage) => stage > number)]).toEqual([file, []]);
      const others = [...text.matchAll(/from "([^"]+)"/g)].map(([, name]) => name!);
      expect([file, others.filter((name) => !/^(mini-docker\/|node:)/.test(name))]).toEqual([file, []]);
    }
  });

  test("has an exercise of at most 40 lines, and three wrong answers or more", () => {
    expect(textOf(lesson, "exercise.ts").trimEnd().split("\n").length).toBeLessThanOrEqual(40);
    expect(wrongAnswers(lesson).length).toBeGreaterThanOrEqual(3);
  });

  test("has a try.ts that is read in one go", () => {
    const { length } = codeLines(textOf(lesson, "try.ts"));
    expect(length).toBeGreaterThanOrEqual(5);
    expect(length).toBeLessThanOrEqual(32);
  });

  test("exports the same functions in exercise, solution and wrong answers", () => {
    const exported = (file: string) =>
      [...textOf(lesson, file).matchAll(/^export (?:async )?(?:function\*?|const) (\w+)/gm)].map(([, name]) => name!);
    const files = all.filter((file) => file !== "try.ts");
    for (const file of files) expect([file, exported(file)]).toEqual([file, exported("exercise.ts")]);
  });

  test("says everything in both languages, in three rungs", async () => {
    const { goals } = await checkOf(lesson);
    const said: Say[] = goals.flatMap(({ goal, hints }) => [goal, ...hints.flatMap(({ say }) => say)]);
    for (const { en, zh } of said) {
      expect(en).toMatch(/\w/);
      expect(zh).toMatch(/[\u4e00-\u9fff]|^[\x20-\x7e…]+$/);
    }
    for (const { hints } of goals) for (const { say } of hints) expect(say).toHaveLength(3);
  });

  test("names scenarios and goals that there are, each once", async () => {
    const { scenarios, goals } = await checkOf(lesson);
    const ids = scenarios.map(({ id }) => id);
    expect(goals.filter(({ scenario }) => scenario !== undefined && !ids.includes(scenario))).toEqual([]);
    // Before that nobody has seen what it is told, and its answers could be anybody's.
    expect(scenarios.map(({ probe }) => probe[0])).toEqual(scenarios.map(() => "wait"));
    for (const list of [ids, goals.map(({ id }) => id)]) expect(list).toEqual([...new Set(list)]);
    for (const { goal, hint } of wrongAnswers(lesson))
      expect(goals.find(({ id }) => id === goal)?.hints.map(({ id }) => id)).toContain(hint);
  });

  test("gives nothing of the answer away before the third rung", async () => {
    const known = wordsIn(textOf(lesson, "exercise.ts"));
    const answer = [...wordsIn(codeLines(textOf(lesson, "solution.ts")).join("\n"))].filter((word) => !known.has(word));
    const { goals } = await checkOf(lesson);
    const early = goals.flatMap(({ hints }) => hints.flatMap(({ say }) => say.slice(0, 2)));
    const told = early.flatMap(({ en, zh }) => [...wordsIn(`${en} ${zh}`)].filter((word) => answer.includes(word)));
    expect(told).toEqual([]);
  });
});

/** Words that only a program has: `fchdirStep`, `MNT_DETACH`, `pivot_root`. A function's name counts as its call's, too. */
function wordsIn(text: string): Set<string> {
  const words = text.match(/[A-Za-z_][\w.]*/g) ?? [];
  const technical = words.flatMap((word) => word.split(".")).filter((word) => /[a-z][A-Z]|_|^[A-Z]{3,}$/.test(word));
  const calls = technical.map((word) =>
    word.replace(/Steps?$/, "").replace(/[A-Z]/g, (big) => `_${big.toLowerCase()}`),
  );
  return new Set([...technical, ...calls]);
}

test("a lesson's code is checked by the compiler with the types that editors see", () => {
  const folder = scratch;
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/mini-docker"));
  symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(STUDENTS));
  for (const lesson of checked) {
    mkdirSync(join(folder, lesson));
    const files = readdirSync(join(LESSONS, lesson)).filter((name) => name.endsWith(".ts"));
    for (const file of files) writeFileSync(join(folder, lesson, file), textOf(lesson, file));
  }
  expect(compiled(folder)).toBe("");

  writeFileSync(join(folder, "mistake.ts"), 'import { MNT } from "mini-docker/01-syscalls";\nMNT.NOPE;\n');
  const early = textOf("02-rootfs", "try.ts").replace(
    "...stages.pivotSteps(),",
    '$&\n    ...stages.hostnameSteps("x"),',
  );
  writeFileSync(join(folder, "early.ts"), early);
  const mistakes = compiled(folder);
  expect(mistakes).toContain("mistake.ts(2,5): error TS2339");
  expect(mistakes).toMatch(/early\.ts\(\d+,\d+\): error TS\d+: Property 'hostnameSteps'/);
});

test.each([
  ["01-syscalls", [], ["close_range", "clone3", "execve"]],
  ["02-rootfs", [], expect.arrayContaining(["pivot_root"])],
  ["03-namespaces", ["NEWPID", "NEWUTS", "NEWIPC", "NEWUSER"], expect.arrayContaining(["sethostname"])],
])(
  "in %s, the container has the namespaces of its stage and no other, besides its mounts: %j",
  async (name, kinds, calls) => {
    const { default: make } = (await import(join(LESSONS, name, "try.ts"))) as { default: TryModule };
    const stages = functionsThrough(name, Object.keys(Stages) as StageName[]);
    const { before, inside } = await make(stages as never, "/rootfs", ["/bin/true"]);
    expect([...before, ...inside].map(({ call }) => call)).toEqual(calls);
    const flags = spellCall(before.find(({ call }) => call === "clone3")!).match(/NEW\w+/g) ?? [];
    expect(flags.sort()).toEqual(["NEWNS", ...kinds].sort());
    // A later lesson's wall would stop an attack that this one is to let through.
    const walls = ["seccomp", "capset", "setrlimit", "prlimit64", "unshare", "setns"];
    expect([...before, ...inside].filter(({ call }) => walls.includes(call))).toEqual([]);
  },
);

test("try.ts is given the functions of the stages up to its own, and none of a later one", () => {
  const functions = functionsThrough("02", Object.keys(Stages) as StageName[]);
  expect(Object.keys(functions)).toEqual([...Object.keys(Stages["01-syscalls"]), ...Object.keys(Stages["02-rootfs"])]);
});

const STUDENTS = {
  compilerOptions: {
    target: "es2023",
    module: "nodenext",
    types: ["node"],
    strict: true,
    noEmit: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
};

function compiled(folder: string): string {
  try {
    return execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test("lesson 03: where nobody can leave a group anyway, who has not said so has not decided it", async () => {
  const { goals } = await checkOf("03-namespaces");
  const goal = goals.find(({ id }) => id === "keeps-groups")!;
  const call = { n: 1, name: "openat", call: 'openat(AT_FDCWD, "/proc/9/setgroups", O_WRONLY, 0)', isTheirs: true };
  const seen = (outside: "allow" | "deny", calls?: unknown[]) =>
    ({ probe: { setgroups: "deny" }, runtime: { setgroups: outside }, calls }) as unknown as Seen;
  expect(goal.reached(seen("allow", []))).toBe(true);
  expect(goal.reached(seen("deny", [call]))).toBe(true);
  // A runtime in another language tells no calls, and is believed what the kernel shows.
  expect(goal.reached(seen("deny"))).toBe(true);
  expect(goal.reached(seen("deny", []))).toBe(false);
  expect(goal.hints.find(({ when }) => when?.(seen("deny", [])))?.id).toBe("groups-kept-by-others");
});
