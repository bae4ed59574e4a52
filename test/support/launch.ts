// Runs steps in a child of their own and says how it ended: what the kernel tests of stages 01–07 stand on.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CLONE,
  CLOSE_RANGE,
  CONTROL,
  cloneStep,
  closeRangeStep,
  dupStep,
  execveStep,
  type LaunchOptions,
  launch,
  perform,
  reg,
  type Step,
  step,
  waitByteStep,
  writeStep,
} from "../../src/01-syscalls/index.ts";

export interface PlanRun {
  /** CLONE flags of the child. */
  flags?: number;
  /** In the launcher, before the clone. */
  before?: Step[];
  /** In this process; "go" is added. */
  beside?: Step[];
  /** In the child; it waits for "go" first. The last step should be an execve (see `shell`). */
  inside: Step[];
  stdin?: string;
  onStep?: LaunchOptions["onStep"];
  /** While the child waits before its first step. */
  beforeGo?: (pid: number) => void;
}

export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs the plan to the end of its program. `exitCode` is 128+n after signal n. Throws SyscallError if a step failed. */
export function runPlan({ flags = 0, before = [], beside = [], inside, stdin = "", onStep, beforeGo }: PlanRun): Ended {
  const folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
  const files = ["stdin", "stdout", "stderr"].map((name) => join(folder, name));
  writeFileSync(files[0]!, stdin);
  const fds = files.map((file, index) => openSync(file, index === 0 ? "r" : "w"));
  try {
    const plan = {
      before: [...before, cloneStep({ flags: flags | CLONE.PARENT, why: "the list splits here" })],
      beside: [...beside, writeStep({ fd: CONTROL, data: "go", why: "the child may go on" })],
      inside: [waitByteStep({ fd: CONTROL, why: "the parent has its part to do first" }), ...stdioSteps(), ...inside],
    };
    const options = { fds: { stdin: fds[0]!, stdout: fds[1]!, stderr: fds[2]! }, onStep };
    const { pid } = launch(plan, { ...options, beforeGo: (launched) => beforeGo?.(launched.pid) });
    const exitCode = waitExit(pid);
    return { exitCode, stdout: readFileSync(files[1]!, "utf8"), stderr: readFileSync(files[2]!, "utf8") };
  } finally {
    for (const fd of fds) closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

/** The last step of a plan: the shell, running `script`. Found at `path` in the root the steps before have made. */
export function shell(script: string, path = "/bin/sh"): Step {
  const env = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"];
  return execveStep({ path, argv: ["sh", "-c", script], env, why: "what the test asks for" });
}

/** Waits for a child of this process; 128+n after signal n. */
export function waitExit(pid: number): number {
  const wait = step("wait4", [pid, { out: ["status"] }, 0, null], { why: "how it ended", retry: ["EINTR"] });
  const status = perform([wait]).status!;
  return status & 0x7f ? 128 + (status & 0x7f) : (status >> 8) & 0xff;
}

function stdioSteps(): Step[] {
  return [
    ...["stdin", "stdout", "stderr"].map((name, to) => dupStep({ from: reg(name), to, why: `${name} is a file` })),
    closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "the program gets these three and no others" }),
  ];
}
