// Commands of the course that are killed with -9 in the middle: the next one finds nothing left of them, or sees to it.

import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { listGroups } from "../../src/04-cgroups/index.ts";
import { machineHere } from "../../src/10-containers/cgroup.ts";
import { allPids, isRunning, procText } from "../../src/course/grade/processes.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { LESSONS } from "./lesson-files.ts";

const md = cliForTests();
/** What the next command has to say of it. */
const NEXT = ["learn", "lab", "close"];

/** Begins a command in `cwd`, and kills it when `isUnderWay` says so. */
async function killed(argv: string[], isUnderWay: () => unknown): Promise<void> {
  const child = md.begin(...argv);
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  while (!isUnderWay()) {
    if (child.exitCode !== null) throw new Error(`it ended by itself: ${said}`);
    await sleep(10);
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  // What it has started has them open, too.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
}

function running(...words: string[]): number[] {
  const line = `${words.join("\0")}\0`;
  return allPids().filter((pid) => isRunning(pid) && procText(pid, "cmdline")?.endsWith(line));
}

const checkFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("check-"));
const mounts = () => readFileSync("/proc/self/mountinfo", "utf8").split("\n").length;
const unfinished = () => readdirSync(md.state).filter((name) => name.includes("unfinished"));

function nextOne(): string {
  const { code, stderr } = md.call(...NEXT);
  expect([code, unfinished()]).toEqual([0, []]);
  return stderr;
}

describe("nothing is left of", () => {
  test("a runtime that was graded: its processes, its mounts, its folder", async () => {
    const runtime = join(mkdtempSync(join(tmpdir(), "r-")), "runtime");
    writeFileSync(runtime, '#!/bin/sh\nmount --bind "$2" "$2"; setsid sleep 7331 & sleep 7331\n', { mode: 0o755 });
    const before = mounts();
    await killed(
      ["learn", "grade", "--runtime", runtime, "--lesson", "03"],
      () => running("sleep", "7331").length === 2,
    );
    expect([checkFolders().length, mounts()]).toEqual([1, before + 1]);
    expect(nextOne()).toContain("was killed before its end");
    expect([checkFolders(), mounts(), running("sleep", "7331")]).toEqual([[], before, []]);
    expect(nextOne()).toBe("");
  });

  test("a container that was tried, nor of its group", async () => {
    const rootfs = mkdtempSync(join(tmpdir(), "rootfs-"));
    // The container's root is an ordinary user, who has to get there.
    for (const folder of [tmpdir(), rootfs]) chmodSync(folder, 0o755);
    for (const folder of ["bin", "proc"]) mkdirSync(join(rootfs, folder));
    copyFileSync("/bin/busybox", join(rootfs, "bin/sleep"));
    await killed(["learn", "try", "04", rootfs, "sleep", "7332"], () => running("/bin/sleep", "7332").length === 1);
    const groups = () => listGroups(machineHere()).filter((name) => name.startsWith("try-"));
    expect(groups()).toHaveLength(1);
    nextOne();
    expect([groups(), running("/bin/sleep", "7332")]).toEqual([[], []]);
  });

  test("a check in a lab, nor of the lab; and what was reached before is known", needs("userns"), async () => {
    const workshop = mkdtempSync(join(tmpdir(), "workshop-"));
    const progress = JSON.stringify({ lessons: { "01-syscalls": { goals: ["runs"] } } });
    writeFileSync(join(workshop, "progress.json"), progress);
    writeFileSync(join(workshop, "02-rootfs.ts"), "export const pivotSteps = () => { for (;;); };\n");
    const hangs = () => unfinished().length > 0 && md.ok("ps", "-q") !== "" && labRuns("try");
    const labRuns = (word: string) =>
      allPids().some((pid) => procText(pid, "cmdline")?.includes(`learn\0${word}\x0002`));
    const at = process.cwd();
    process.chdir(workshop);
    try {
      await killed(["learn", "check", "02"], hangs);
    } finally {
      process.chdir(at);
    }
    nextOne();
    expect([md.ok("ps", "-aq"), labRuns("try"), existsSync(join(workshop, "progress.json.tmp"))]).toEqual([
      "",
      false,
      false,
    ]);
    expect(readFileSync(join(workshop, "progress.json"), "utf8")).toBe(progress);
  });

  test("a lab for one command", needs("userns"), async () => {
    const folder = mkdtempSync(join(tmpdir(), "modules-"));
    copyFileSync(join(LESSONS, "02-rootfs/solution.ts"), join(folder, "mine.ts"));
    const argv = ["run", "--rm", "--with", `02=${join(folder, "mine.ts")}`, "base", "sleep", "7333"];
    await killed(argv, () => running("sleep", "7333").length > 0);
    nextOne();
    expect([md.ok("ps", "-aq"), running("sleep", "7333")]).toEqual(["", []]);
  });
});
