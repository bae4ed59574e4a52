// Root writes into a student's folder, in which they may have put a link wherever root is about to write.

import { spawnSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { resetExercise } from "../../src/course/grade/reset.ts";
import { makeWorkshop } from "../../src/course/make-workshop.ts";
import { writeProgress } from "../../src/course/progress.ts";

const STUDENT = 4242;

/** A student's workshop, with links in it to what they have no right to. */
function workshopWithLinks(...names: string[]) {
  const home = mkdtempSync(join(tmpdir(), "links-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const [workshop, evil, theirs] = ["workshop", "evil", "theirs"].map((each) => join(home, each)) as [
    string,
    string,
    string,
  ];
  mkdirSync(workshop);
  chownSync(workshop, STUDENT, STUDENT);
  writeFileSync(theirs, "root's");
  for (const name of names) symlinkSync(evil, join(workshop, name));
  return { home, workshop, evil, theirs };
}

function ownersFile(path: string): boolean {
  const found = lstatSync(path);
  return found.isFile() && found.uid === STUDENT && found.gid === STUDENT;
}

test("npm run learn under sudo goes on as who has called it", () => {
  const env = { ...process.env, SUDO_UID: "65534", SUDO_GID: "65534", SUDO_USER: "nobody", LANG: "C" };
  const learn = join(import.meta.dirname, "../../scripts/learn.mjs");
  const { status, stdout, stderr } = spawnSync("node", [learn, "--help"], { env, encoding: "utf8" });
  expect(stdout).toContain("This needs no sudo");
  // It can't build in a folder that isn't theirs; root could have.
  expect([status, stderr]).toEqual([1, expect.stringContaining("EACCES")]);
});

test("an exercise that is put back takes a link's place", () => {
  const { home, workshop, evil } = workshopWithLinks("02-rootfs.ts");
  const lesson = join(home, "lesson");
  mkdirSync(lesson);
  writeFileSync(join(lesson, "exercise.ts"), "exercise");
  const { path } = resetExercise(workshop, { folder: lesson, name: "02-rootfs", number: "02" } as never);
  expect([existsSync(evil), ownersFile(path), readFileSync(path, "utf8")]).toEqual([false, true, "exercise"]);
});

test("a new workshop follows no link", () => {
  const { workshop, evil } = workshopWithLinks("tsconfig.json", "01-syscalls.ts");
  makeWorkshop(workshop);
  expect([existsSync(evil), ownersFile(join(workshop, "mini-docker"))]).toEqual([false, true]);
  expect(lstatSync(join(workshop, "mini-docker")).mode & 0o777).toBe(0o755);
});

test("progress follows no link, whatever its drafts are called", () => {
  const { workshop, theirs } = workshopWithLinks();
  for (const name of ["progress.json", `progress.json.${process.pid}`]) symlinkSync(theirs, join(workshop, name));
  writeProgress(workshop, { lessons: {} });
  expect([readFileSync(theirs, "utf8"), lstatSync(theirs).uid]).toEqual(["root's", 0]);
  expect(ownersFile(join(workshop, "progress.json"))).toBe(true);
});
