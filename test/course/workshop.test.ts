import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { languageOf } from "../../src/course/language.ts";
import { lessonFiles } from "../../src/course/lesson/folder.ts";
import { makeWorkshop } from "../../src/course/make-workshop.ts";
import { nextLesson } from "../../src/course/next-lesson.ts";
import { changeProgress, hasPassed, readProgress } from "../../src/course/progress.ts";
import { findWorkshop, requireWorkshop } from "../../src/course/workshop.ts";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "workshop-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("a workshop", () => {
  test("has an exercise for each lesson that has one, as it was shipped", () => {
    const { folder, made } = makeWorkshop(join(emptyFolder(), "mine"));
    for (const { name, path } of lessonFiles("exercise.ts"))
      expect(readFileSync(join(folder, `${name}.ts`), "utf8")).toBe(readFileSync(path, "utf8"));
    expect(made.sort()).toEqual(readdirSync(folder).sort());
  });

  test("keeps what a student wrote, and gets what is missing", () => {
    const { folder } = makeWorkshop(emptyFolder());
    const [first, second] = lessonFiles("exercise.ts").map(({ name }) => join(folder, `${name}.ts`)) as [
      string,
      string,
    ];
    writeFileSync(first, "mine");
    rmSync(second);
    changeProgress(folder, "02-rootfs", () => ({ passed: "2026-01-01T00:00:00Z" }));
    expect(makeWorkshop(folder).made).toEqual([second.slice(folder.length + 1)]);
    expect(readFileSync(first, "utf8")).toBe("mine");
    expect(hasPassed(readProgress(folder), "02-rootfs")).toBe(true);
  });

  test("keeps an editor's settings that somebody else wrote, and renews its own when the package has moved", () => {
    const { folder } = makeWorkshop(emptyFolder());
    const settings = join(folder, "tsconfig.json");
    const ours = readFileSync(settings, "utf8");
    writeFileSync(settings, ours.replace("dist/types", "moved/types"));
    makeWorkshop(folder);
    expect(readFileSync(settings, "utf8")).toBe(ours);
    writeFileSync(settings, "{}");
    makeWorkshop(folder);
    expect(readFileSync(settings, "utf8")).toBe("{}");
  });

  test("is understood by an editor: the exercises have no errors of types", () => {
    const { folder } = makeWorkshop(emptyFolder());
    const tsc = join(import.meta.dirname, "../../node_modules/.bin/tsc");
    expect(() => execFileSync(tsc, ["-p", folder], { stdio: "pipe" })).not.toThrow();
  });

  test("has the program by a short name", () => {
    const { folder } = makeWorkshop(emptyFolder());
    expect(execFileSync(join(folder, "mini-docker"), ["--version"], { encoding: "utf8" })).toMatch(
      /^mini-docker version/,
    );
  });

  test("is found from the folders in it, and nowhere else", () => {
    const { folder } = makeWorkshop(emptyFolder());
    mkdirSync(join(folder, "a/b"), { recursive: true });
    expect(findWorkshop(join(folder, "a/b"))).toBe(folder);
    expect(() => requireWorkshop(emptyFolder())).toThrow("there is no workshop in");
    expect(() => requireWorkshop(folder, { MINI_DOCKER_LAB: "1" })).toThrow("this is the lab");
  });

  test("is found from elsewhere by its own program, also without its progress", () => {
    const { folder } = makeWorkshop(emptyFolder());
    rmSync(join(folder, "progress.json"));
    const options = { cwd: emptyFolder(), encoding: "utf8" } as const;
    expect(execFileSync(join(folder, "mini-docker"), ["learn", "progress"], options)).toContain("01-syscalls");
  });

  test("shows the solution of the lesson that was passed last, and puts back the exercise at hand", () => {
    const { folder } = makeWorkshop(emptyFolder());
    const call = (...argv: string[]) =>
      spawnSync(join(folder, "mini-docker"), ["learn", ...argv], { cwd: folder, encoding: "utf8" });
    expect(call("solution").stderr).toContain("lesson 01 hasn't passed yet");
    changeProgress(folder, "01-syscalls", () => ({ passed: "2026-01-01T00:00:00Z" }));
    expect(call("solution").stdout).toContain("closeRangeStep");
    writeFileSync(join(folder, "02-rootfs.ts"), "mine");
    expect(call("reset").stdout).toContain("Yours is kept as 02-rootfs.kept-1.ts");
  });

  test("can't be the engine's own source", () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "src/01-syscalls"), { recursive: true });
    expect(() => makeWorkshop(folder)).toThrow("is the engine's own source");
    expect(existsSync(join(folder, "progress.json"))).toBe(false);
  });
});

describe("progress", () => {
  test("that can't be read is said, with what to do", () => {
    const { folder } = makeWorkshop(emptyFolder());
    writeFileSync(join(folder, "progress.json"), "{");
    expect(() => readProgress(folder)).toThrow(/progress\.json can't be read/);
  });

  test("leads to the first lesson that isn't passed, or isn't read where nothing is to be passed", () => {
    const folder = emptyFolder();
    for (const name of ["00-why", "01-a", "02-b"]) {
      mkdirSync(join(folder, "lessons", name), { recursive: true });
      writeFileSync(join(folder, "lessons", name, "lesson.md"), "# T\n");
      if (name !== "00-why") writeFileSync(join(folder, "lessons", name, "check.ts"), "");
    }
    const passed = { passed: "2026-01-01T00:00:00Z" };
    const read = { read: "2026-01-01T00:00:00Z" };
    expect(nextLesson({ lessons: {} }, folder)).toBe("00-why");
    expect(nextLesson({ lessons: { "00-why": read, "01-a": read } }, folder)).toBe("01-a");
    expect(nextLesson({ lessons: { "00-why": read, "01-a": passed } }, folder)).toBe("02-b");
    expect(nextLesson({ lessons: { "00-why": read, "01-a": passed, "02-b": passed } }, folder)).toBeUndefined();
  });
});

test.each([
  [undefined, { LANG: "zh_CN.UTF-8" }, "zh"],
  [undefined, { LANG: "zh_CN.UTF-8", LC_ALL: "C" }, "en"],
  [undefined, {}, "en"],
  ["zh", { LANG: "C" }, "zh"],
  ["zh-Hans", {}, "zh"],
  ["en_GB", { LANG: "zh_CN" }, "en"],
])("--lang %s in %j is %s", (asked, env, language) => {
  expect(languageOf(asked, env)).toBe(language);
});

test("a language that there isn't is refused", () => {
  expect(() => languageOf("fr", {})).toThrow('there is no language "fr"');
});
