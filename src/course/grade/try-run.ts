// Runs a plan here and now: no monitor, no state, no log. The program has this terminal, and when it ends so do we.
//
// Who starts a program is not always who it ends with: a launcher ends once the child is on its way, and its children go to
// the nearest ancestor that asks for orphans. See prctl(2), PR_SET_CHILD_SUBREAPER.

import { readdirSync, readFileSync } from "node:fs";
import {
  exitCodeOf,
  LaunchError,
  type Launched,
  O,
  PR,
  performOne,
  prctlStep,
  reap,
  step,
  UserError,
} from "../../01-syscalls/index.ts";
import { launchWatched, type Watch } from "../../10-containers/explain/watch.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { identify } from "../../10-containers/identity.ts";
import { begin, type Unfinished } from "../unfinished.ts";
import type { TryPlan } from "./functions.ts";

/** Its exit code. Throws SyscallError with the call that failed, and LaunchError. */
export async function runTried(roots: Pick<Roots, "state">, plan: TryPlan, watch: Watch): Promise<number> {
  const unfinished = begin(roots, { trying: process.pid });
  try {
    return await runPlan(plan, watch, unfinished);
  } finally {
    await plan.afterwards?.();
    unfinished.end();
  }
}

/** A launcher that falls silent has most likely been silenced by the plan. */
function launchTried(plan: TryPlan, watch: Watch): Launched {
  try {
    return launchWatched(plan, { keepStdio: true, keepSession: true, fds: inherited() }, watch);
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    throw new UserError(error.message, { hint: "it hears from us on descriptor 3, up to the last call" });
  }
}

/**
 * What we were given besides 0, 1 and 2; our own has the mark that execve closes it. The launcher gets it once more, from 5 on:
 * whatever number it had, it isn't above all that a guess begins at.
 */
function inherited(): Record<string, number> {
  const all = readdirSync("/proc/self/fd").map(Number);
  return Object.fromEntries(all.filter((fd) => fd > 2 && outlivesUs(fd)).map((fd) => [`inherited-${fd}`, fd]));
}

function outlivesUs(fd: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1] ?? "";
    return (Number.parseInt(flags, 8) & O.CLOEXEC) === 0;
  } catch {
    // It was the one that we listed them with.
    return false;
  }
}

async function runPlan(plan: TryPlan, watch: Watch, unfinished: Unfinished): Promise<number> {
  performOne(prctlStep({ option: PR.SET_CHILD_SUBREAPER, args: [1], why: "the launcher's child becomes ours" }));
  const { pid, launcherPid } = launchTried(plan, watch);
  const child = identify(pid);
  if (child) unfinished.note({ child });
  reap(launcherPid, true);
  const letGo = endWithUs(pid);
  try {
    return await exitCodeOf(pid);
  } finally {
    letGo();
  }
}

const TWICE_MS = 1000;

/**
 * Who ends us ends it: process 1 of a container is deaf to the signals that it has no handler for, except this one. The
 * terminal gives Ctrl-C to the program as well, and a shell lives on; twice in a second means it.
 */
function endWithUs(pid: number): () => void {
  const kill = () => performOne(step("kill", [pid, 9], { why: "it is not wanted any more", allow: ["ESRCH"] }));
  let interrupted = Number.NEGATIVE_INFINITY;
  const onInterrupt = () => {
    if (Date.now() - interrupted < TWICE_MS || !process.stdin.isTTY) kill();
    interrupted = Date.now();
  };
  process.on("SIGINT", onInterrupt).on("SIGTERM", kill).on("SIGHUP", kill);
  return () => process.off("SIGINT", onInterrupt).off("SIGTERM", kill).off("SIGHUP", kill);
}
