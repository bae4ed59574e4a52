// Programs that run in a group, for the tests of the kernel. A program is a few lines of shell whose output is kept.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CLONE,
  CLOSE_RANGE,
  CONTROL,
  cloneStep,
  closeRangeStep,
  dupStep,
  launch,
  type Plan,
  perform,
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
  planGroup,
  type Resources,
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
  const { before, beside } = joinSteps(group, firstPid);
  const born = before.length > 0 ? { cgroup: reg(CGROUP) } : {};
  const plan = {
    before: [...before, cloneStep({ flags: flags | CLONE.PARENT, ...born, why: "the list splits here" })],
    beside: [...beside, writeStep({ fd: CONTROL, data: "go", why: "it is in its group" })],
    inside: [
      waitByteStep({ fd: CONTROL, why: "not before it is in its group" }),
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

/** Makes a group with these limits; all devices are allowed unless `resources` says otherwise. */
export function makeLimited(machine: Machine, id: string, resources: Resources = {}): Group {
  const plan = planGroup({ id, machine, resources: { devices: [{ allow: true }], ...resources } });
  perform(stepsOf(machine, plan));
  return plan.group;
}

export function stepsOf(machine: Machine, { group, settings, deviceRules, isOurs }: GroupPlan): Step[] {
  return [
    ...createSteps(machine, group, isOurs),
    ...limitSteps(group, settings),
    ...deviceRuleSteps(group, deviceRules),
  ];
}
