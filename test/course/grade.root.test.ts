// The grader with runtimes that it knows nothing of: some that do what they can, and some that would like to be taken for more.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/course/grade/report.ts";
import { cliForTests, PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { checked } from "./lesson-files.ts";

const md = cliForTests();
const folder = mkdtempSync(join(tmpdir(), "runtimes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SHIPPED = join(import.meta.dirname, "../fixtures/runtimes");

function gradesOf(runtime: string, ...flags: string[]): Report[] {
  const { stdout, stderr } = md.call("learn", "grade", "--runtime", runtime, "--json", ...flags);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Report[];
}

function gradeOf(runtime: string, lesson: string, ...flags: string[]): Report {
  return gradesOf(runtime, "--lesson", lesson, ...flags)[0]!;
}

/** A runtime in the shell: ROOTFS is $rootfs, COMMAND "$@". */
function runtimeOf(script: string): string {
  const path = join(mkdtempSync(join(folder, "r-")), "runtime");
  writeFileSync(path, `#!/bin/sh\nrootfs=$2\nshift 2\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const reached = ({ goals }: Report) => goals.filter((goal) => goal.reached).map(({ id }) => id);
const seenIn = ({ seen }: Report) => Object.values(seen)[0]!;
const checkFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("check-"));

describe("a runtime of sixty lines of shell", needs("userns", "program:unshare"), () => {
  test("has a root of its own, and a way out of it", () => {
    const report = gradeOf(join(SHIPPED, "unshare.sh"), "02");
    expect(reached(report)).toEqual(["runs", "own-root", "nothing-left"]);
    expect(report.goals.at(-1)?.hint?.id).toBe("chroot");
  });

  test("has namespaces, whose users are said by a program that we don't know", () => {
    const report = gradeOf(join(SHIPPED, "unshare.sh"), "03");
    expect(reached(report)).toEqual(expect.arrayContaining(["runs", "root-inside", "own-numbers", "meter-lives"]));
    expect(seenIn(report).calls).toBeUndefined();
  });

  test("has no limits", () => {
    expect(reached(gradeOf(join(SHIPPED, "unshare.sh"), "04"))).not.toContain("memory");
  });
});

describe("what only looks like a container", () => {
  test("a fake that prints the right words, and a list of calls, reaches nothing", () => {
    const reports = gradesOf(join(SHIPPED, "fake.sh"));
    expect(reports.map((report) => [report.lesson, reached(report)])).toEqual(checked.map((lesson) => [lesson, []]));
  });

  test("a program that is started on the host has the host's root, whatever is said of it", () => {
    const report = gradeOf(runtimeOf('echo contained; command=$1; shift; exec "$rootfs$command" "$@"'), "02");
    expect(reached(report)).toEqual(["runs"]);
    expect(seenIn(report).probe.root).toMatchObject({ isHosts: true, isRootfs: false });
  });

  test("two probes, of which one is contained, are none", () => {
    const report = gradeOf(
      runtimeOf('command=$1; shift; "$rootfs$command" "$@" & exec chroot "$rootfs" "$command" "$@"'),
      "02",
      "--timeout",
      "5s",
    );
    expect([reached(report), seenIn(report).outcome]).toEqual([[], "two probes"]);
  });

  test("nor one after the other", () => {
    const report = gradeOf(
      runtimeOf('command=$1; shift; chroot "$rootfs" "$command" "$@"; "$rootfs$command" wait'),
      "02",
    );
    expect([reached(report), seenIn(report).outcome]).toEqual([[], "two probes"]);
  });

  test("a probe that somebody else lets go on has shown nothing", () => {
    const early = `env --block-signal=TERM sh -c 'kill -TERM $$; exec chroot "$@"' sh "$rootfs" "$@"`;
    const report = gradeOf(runtimeOf(early), "02");
    expect([reached(report), seenIn(report).outcome]).toEqual([[], "meddled with"]);
    expect(report.goals[0]?.hint?.id).toBe("meddled-with");
  });

  test("nor one whose answers were there before it was asked", () => {
    const report = gradeOf(runtimeOf('exec chroot "$rootfs" "$1" wait 13 "$4" 13 "$6" wait'), "02");
    expect([reached(report), seenIn(report).outcome]).toEqual([[], "meddled with"]);
  });

  test("another program by the probe's name isn't it", () => {
    const report = gradeOf(
      runtimeOf('name=$(basename "$1"); ln -s /bin/sleep "$rootfs/tmp/$name"; exec "$rootfs/tmp/$name" 2'),
      "02",
      "--timeout",
      "5s",
    );
    expect([reached(report), seenIn(report).outcome]).toEqual([[], "not started"]);
  });

  test("the probe by another name isn't found", () => {
    const report = gradeOf(
      runtimeOf('command=$1; shift; cp "$rootfs$command" "$rootfs/other"; exec chroot "$rootfs" /other wait'),
      "02",
      "--timeout",
      "2s",
    );
    expect([reached(report), seenIn(report).outcome]).toEqual([[], "too slow"]);
  });
});

describe("nothing is left of", () => {
  test("a runtime that never ends", () => {
    const report = gradeOf(runtimeOf("sleep 1000 & sleep 1000"), "02", "--timeout", "1s");
    expect(seenIn(report)).toMatchObject({ outcome: "too slow", exitCode: 137 });
    expect(checkFolders()).toEqual([]);
  });

  test("one that is killed, and what it leaves is told", () => {
    const report = gradeOf(runtimeOf("setsid sleep 1000 & kill -9 $$"), "02");
    expect(seenIn(report)).toMatchObject({ outcome: "not started", exitCode: 137 });
    expect(seenIn(report).left.processes).toEqual(["sleep"]);
  });

  test("one that leaves a mount behind", () => {
    const report = gradeOf(runtimeOf('mount --bind "$rootfs" "$rootfs"; chroot "$rootfs" "$@"'), "02");
    expect(seenIn(report).left.mounts).toEqual([expect.stringMatching(/\/rootfs$/)]);
    expect(checkFolders()).toEqual([]);
  });

  test("one that leaves its group behind, and that is told", needs("cgroup1"), () => {
    const group = "/sys/fs/cgroup/pids/mini-docker/left-behind";
    const script = `mkdir -p ${group}; echo $$ > ${group}/cgroup.procs; chroot "$rootfs" "$@"`;
    const report = gradeOf(runtimeOf(script), "02");
    expect([seenIn(report).left.groups, existsSync(group)]).toEqual([[group], false]);
    rmdirSync(dirname(group));
  });

  test("a check that is interrupted", async () => {
    const runtime = runtimeOf("sleep 1000");
    const args = ["--", PROGRAM, "learn", "grade", "--runtime", runtime, "--lesson", "02"];
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    while (checkFolders().length === 0) await sleep(20);
    await sleep(300);
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    expect([code, checkFolders()]).toEqual([130, []]);
  });
});

test("a program that isn't there is one line", () => {
  const { code, stderr } = md.call("learn", "grade", "--runtime", "./nosuch");
  expect([code, stderr]).toEqual([1, "mini-docker: there is no program ./nosuch\n"]);
});
