// A class: workshops on one machine, each with a lab, and everybody checks an exercise at the same moment. A class of thirty
// is `STUDENTS=30`; fewer meet each other just as well, and in a quarter of the time.

import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readStats } from "../../src/04-cgroups/index.ts";
import { findContainer } from "../../src/10-containers/container.ts";
import { closeLab, findLab, type Lab } from "../../src/course/lab.ts";
import { cliForTests, ended, PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const STUDENTS = Number(process.env.STUDENTS ?? 8);
const LESSON = "02-rootfs";

const md = cliForTests();

function workshop(index: number): string {
  const folder = join(md.root, "..", `student-${index}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "progress.json"), '{ "lessons": {} }\n');
  copyFileSync(join(import.meta.dirname, `../../lessons/${LESSON}/solution.ts`), join(folder, `${LESSON}.ts`));
  return folder;
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** By the program that will check in it: another one's lab it would take for one of another version. */
async function opened(folder: string): Promise<Lab> {
  const { code, stderr } = md.callWith({ cwd: folder }, "learn", "lab", "exec", "true");
  expect([code, stderr]).toEqual([0, ""]);
  return (await findLab(md, { workshop: folder }))!;
}

async function check(folder: string): Promise<number> {
  const began = performance.now();
  const child = spawn("node", ["--", PROGRAM, ...md.roots, "learn", "check", LESSON], { cwd: folder });
  const { code, stdout, stderr } = await ended(child);
  expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  return performance.now() - began;
}

test("labs of a whole class at once: what they take, and how long the slowest check is", {
  ...needs("userns", "speed"),
  timeout: 300_000,
}, async () => {
  const workshops = Array.from({ length: STUDENTS }, (_, index) => workshop(index));
  onTestFinished(() => Promise.all(workshops.map((folder) => closeLab(md, { workshop: folder }))).then(() => {}));
  const began = performance.now();
  const labs: Lab[] = [];
  for (const folder of workshops) labs.push(await opened(folder));
  const openedMs = performance.now() - began;

  expect(new Set(labs.map(({ pid }) => pid)).size).toBe(STUDENTS);
  const used = labs.map(({ name }) => readStats(findContainer(md, name).state.group!).memory?.usedBytes ?? 0);
  const times = (await Promise.all(workshops.map(check))).sort((one, other) => one - other);
  for (const { pid } of labs) expect(existsSync(`/proc/${pid}`)).toBe(true);

  console.log(
    [
      `${STUDENTS} labs opened in ${(openedMs / 1000).toFixed(1)} s, ${(openedMs / STUDENTS).toFixed(0)} ms each`,
      `memory: ${mebibytes(Math.max(...used))} at most counted in one`,
      `checks, all at once: median ${(times[STUDENTS >> 1]! / 1000).toFixed(1)} s, slowest ${(times.at(-1)! / 1000).toFixed(1)} s`,
    ].join("\n"),
  );
  expect(Math.min(...used)).toBeGreaterThan(0);
  expect(Math.max(...used)).toBeLessThan(20 * 2 ** 20);
});
