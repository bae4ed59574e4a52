// Programs that run in a group, for the tests of the kernel. A program is a few lines of shell whose output is kept.

import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CLONE,
  CLOSE_RANGE,
  CONTROL,
  cloneStep,
  closeRangeStep,
  dupStep,
  launch,
  type Plan,
  reg,
  type Step,
  waitByteStep,
  writeStep,
} from "../../src/01-syscalls/index.ts";
import {
  CGROUP,
  createSteps,
  deviceRuleSteps,
  type Group,
  type GroupPlan,
  joinSteps,
  limitSteps,
  type Machine,
} from "../../src/04-cgroups/index.ts";
import { shell, waitExit } from "../support/launch.ts";

export interface Contained {
  pid: number;
  /** What it has said so far. */
  output(): string;
  /** Waits for its end. `exitCode` is 128+n after signal n. */
  end(): { exitCode: number; output: string };
}

export interface Surroundings {
  flags?: number;
  inside?: Step[];
  /** As exec does: where this process of the group is, the new one goes. */
  firstPid?: number;
}

/** Starts `script` in the group. Whoever starts it must `end` it. */
export function startIn(group: Group, script: string, surroundings: Surroundings = {}): Contained {
  const { flags = 0, inside = [], firstPid } = surroundings;
  const folder = mkdtempSync(join(tmpdir(), "contained-"));
  const path = join(folder, "output");
  const output = openSync(path, "w");
  const { before, inside: enter } = joinSteps(group, firstPid);
  const born = before.some((step) => step.as === CGROUP) ? { cgroup: reg(CGROUP) } : {};
  const plan = {
    before: [...before, cloneStep({ flags: flags | CLONE.PARENT, ...born, why: "the list splits here" })],
    beside: [writeStep({ fd: CONTROL, data: "go", why: "it may go on" })],
    inside: [
      ...enter,
      waitByteStep({ fd: CONTROL, why: "the parent may look first" }),
      ...keep(),
      ...inside,
      ...leave(script),
    ],
  };
  const { pid } = launchAndClose(plan, output);
  const end = () => {
    const exitCode = waitExit(pid);
    const all = readFileSync(path, "utf8");
    rmSync(folder, { recursive: true });
    return { exitCode, output: all };
  };
  return { pid, output: () => readFileSync(path, "utf8"), end };
}

function launchAndClose(plan: Plan, output: number): { pid: number } {
  try {
    return launch(plan, { fds: { output } });
  } finally {
    closeSync(output);
  }
}

/** Runs `script` in the group to its end. */
export function runIn(group: Group, script: string, surroundings?: Surroundings): { exitCode: number; output: string } {
  return startIn(group, script, surroundings).end();
}

function keep(): Step[] {
  return [1, 2].map((to) => dupStep({ from: reg("output"), to, why: "what it says is kept" }));
}

/** Starting is over when the control socket is closed, and executing must close it. */
function leave(script: string): Step[] {
  const why = "nothing of ours stays open in the program";
  return [closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why }), shell(script)];
}

/** What makes the group, in order. */
export function stepsOf(machine: Machine, { group, settings, deviceRules, isOurs }: GroupPlan): Step[] {
  return [
    ...createSteps(machine, group, isOurs),
    ...limitSteps(group, settings),
    ...deviceRuleSteps(group, deviceRules),
  ];
}

/** Ends and removes everything in the group without the code under test: what fails there must not be left behind. */
export async function sweep({ directories }: Group): Promise<void> {
  const paths = directories.map(({ directory }) => directory).filter(existsSync);
  for (const path of paths) {
    for (const [file, text] of [
      ["freezer.state", "THAWED"],
      ["cgroup.freeze", "0"],
    ] as const) {
      if (existsSync(`${path}/${file}`)) writeFileSync(`${path}/${file}`, text);
    }
    const { stdout } = spawnSync("find", [path, "-name", "cgroup.procs", "-exec", "cat", "{}", "+"], {
      encoding: "utf8",
    });
    for (const pid of stdout.split("\n").filter(Boolean)) spawnSync("kill", ["-9", pid]);
    spawnSync("find", [path, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]);
  }
  if (paths.length === 0) return;
  await sleep(10);
  await sweep({ path: "", directories });
}
