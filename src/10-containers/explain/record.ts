// `--record`: a start as data, for a page that replays it where there is no Linux. What `--explain` prints, and after each
// step what `--step` shows: the differences in /proc. The file appears whole, when the start has ended, or not at all.

import { accessSync, constants, statSync } from "node:fs";
import { arch, release } from "node:os";
import { dirname, resolve } from "node:path";
import { type CallName, type Launched, type ListName, type Traced, UserError } from "../../01-syscalls/index.ts";
import { findMachine } from "../../04-cgroups/index.ts";
import { writeFileAtomic } from "../files.ts";
import { type Change, Observer } from "./changes.ts";
import type { Ordered } from "./in-order.ts";
import { History, type Outcome, type Ran } from "./ran.ts";
import type { Ending, Watch } from "./watch.ts";

/** The file's one object. A reader that meets another `version` should say so and stop. */
export interface Recording {
  version: 1;
  /** As it was typed, without the program's name: `["run", "--rm", "base", "true"]`. */
  command: string[];
  image: string;
  machine: RecordedMachine;
  /** "started": the program runs. "failed": a step did. "ended": something else kept it from running. */
  outcome: "started" | "failed" | "ended";
  /** Why it wasn't started. */
  error?: string;
  /** All that were planned, in the order they run. */
  steps: RecordedStep[];
}

export interface RecordedMachine {
  /** `uname -r`. */
  kernel: string;
  architecture: string;
  cgroups: "v1" | "v2" | "hybrid" | "none";
  /** Started by the host's root. */
  isRoot: boolean;
}

export interface RecordedStep {
  /** From 1. */
  n: number;
  /** Who made the call: the launcher (`before`, `after`), this process (`beside`) or the child (`inside`). */
  list: ListName;
  /** `02-rootfs`, and the function of it whose decision the step is: `02-rootfs/pivotSteps`. */
  stage: string;
  source: string;
  /** As strace would print it: `fchdir(11<rootfs>)`. */
  call: string;
  /** The system call alone: `fchdir`. */
  name: CallName;
  why: string;
  outcome: Outcome;
  /** What the kernel returned; negative is -errno. Missing where the call wasn't made. */
  result?: number;
  /** Nanoseconds. */
  ns?: number;
  /** What is different in /proc from the step before; see observe.ts for the areas. */
  changes: Change[];
}

export interface RecordOptions {
  /** Where to; checked at once. */
  path: string;
  command: string[];
  image: string;
}

/** Throws UserError for a path that can't be written, before anything runs. */
export function recordWatch({ path, command, image }: RecordOptions): Watch {
  checkWritable(path);
  const recorder = new Recorder();
  return {
    stepping: true,
    onPlan: (steps) => recorder.begin(steps),
    onStep: (traced, launched) => recorder.step(traced, launched),
    onEnd: (outcome) =>
      write(path, { version: 1, command, image, machine: recordedMachine(), ...recorder.end(outcome) }),
  };
}

class Recorder {
  private readonly observer = new Observer();
  private readonly changes = new Map<Ran, Change[]>();
  private history = new History([]);

  begin(steps: Ordered[]): void {
    this.history = new History(steps);
  }

  /** The launcher becomes the monitor beside all else; it is not what is looked at. */
  step(traced: Traced, launched: Launched): void {
    const changes = traced.list === "after" ? [] : this.observer.changes(launched);
    this.changes.set(this.history.step(traced), changes);
  }

  end(outcome: Ending): Pick<Recording, "outcome" | "error" | "steps"> {
    this.history.end(outcome);
    const { all } = this.history;
    const last = all.findLast((ran) => ran.list === "inside" && ran.outcome === "done");
    if (last && "pid" in outcome) this.changes.set(last, this.observer.changes(outcome));
    const steps = all.map((ran, index) => recordedStep(ran, index + 1, this.changes.get(ran) ?? []));
    if (!("error" in outcome)) return { outcome: "started", steps };
    const hasFailed = all.some((ran) => ran.outcome === "failed");
    return { outcome: hasFailed ? "failed" : "ended", error: (outcome.error as Error).message, steps };
  }
}

/** One call as a recording has it; `n` is its place, from 1. */
export function recordedStep(ran: Ran, n: number, changes: Change[]): RecordedStep {
  const { list, stage, by, call, step, outcome, result, ns } = ran;
  return {
    n,
    list,
    stage,
    source: `${stage}/${by}`,
    call,
    name: step.call,
    why: step.why,
    outcome,
    ...(outcome !== "left out" && result !== undefined && { result }),
    ...(outcome !== "left out" && ns !== undefined && { ns }),
    changes,
  };
}

export function recordedMachine(): RecordedMachine {
  const versions = new Set(findMachine().bases.map(({ version }) => version));
  const cgroups = versions.size === 2 ? "hybrid" : versions.has(2) ? "v2" : versions.has(1) ? "v1" : "none";
  return { kernel: release(), architecture: arch(), cgroups, isRoot: process.getuid?.() === 0 };
}

/** A rename takes the place of whatever has the name, a device too: only a file may be replaced. */
function checkWritable(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw new UserError(`cannot record to ${path}: it is not a file`);
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    throw new UserError(`cannot record to ${path}`, { cause });
  }
}

function write(path: string, recording: Recording): void {
  try {
    writeFileAtomic(path, `${JSON.stringify(recording, null, 1)}\n`, { mode: 0o644 });
  } catch (cause) {
    throw new UserError(`cannot record to ${path}`, { cause });
  }
}
