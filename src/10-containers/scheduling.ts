// How the kernel treats a process among others: when it gets a processor and its turn at the disk, and on which processors
// it may run at all. See sched(7), sched_setattr(2), ioprio_set(2), sched_setaffinity(2) and personality(2). All of it is
// inherited, survives execve, and needs a power that the process is about to lose (CAP_SYS_NICE).

import { type Step, step, struct, UserError } from "../01-syscalls/index.ts";
import type { Linux, Process, Scheduler } from "./spec/oci.ts";

export function schedulingSteps({ scheduler, ioPriority }: Pick<Process, "scheduler" | "ioPriority">): Step[] {
  return [...(scheduler ? [schedulerStep(scheduler)] : []), ...(ioPriority ? [ioPriorityStep(ioPriority)] : [])];
}

/** SCHED_* of linux/sched.h. */
export const POLICIES: Record<string, number> = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
};

export const SCHEDULER_FLAGS: Record<string, number> = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
};

function schedulerStep(scheduler: Scheduler): Step {
  const { policy, nice = 0, priority = 0, flags = [], runtime = 0, deadline = 0, period = 0 } = scheduler;
  const attributes = struct(
    ["size", "u32", 48],
    ["sched_policy", "u32", POLICIES[policy]!, () => policy],
    ["sched_flags", "u64", flags.reduce((all, name) => all | SCHEDULER_FLAGS[name]!, 0)],
    ["sched_nice", "u32", nice],
    ["sched_priority", "u32", priority],
    ["sched_runtime", "u64", runtime],
    ["sched_deadline", "u64", deadline],
    ["sched_period", "u64", period],
  );
  return step("sched_setattr", [0, attributes, 0], { why: "when it gets a processor, among others that want one" });
}

/** IOPRIO_CLASS_* of linux/ioprio.h. */
export const IO_CLASSES: Record<string, number> = { IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 };

function ioPriorityStep({ class: name, priority = 0 }: NonNullable<Process["ioPriority"]>): Step {
  const [WHO_PROCESS, CLASS_SHIFT] = [1, 13];
  const value = (IO_CLASSES[name]! << CLASS_SHIFT) | priority;
  return step("ioprio_set", [WHO_PROCESS, 0, value], { why: "when it gets its turn at the disk" });
}

/** PER_* of linux/personality.h. */
export const PERSONALITIES: Record<string, number> = { LINUX: 0, LINUX32: 8 };

export function personalitySteps({ domain }: NonNullable<Linux["personality"]>): Step[] {
  return [step("personality", [PERSONALITIES[domain]!], { why: "what kind of machine `uname` says this is" })];
}

/** `"0-3,7"`, as cpuset(7) writes lists. Nothing is asked for with an empty one. */
export function affinitySteps(cpus: string | undefined, why: string): Step[] {
  if (!cpus) return [];
  const mask = maskOf(cpus);
  return [step("sched_setaffinity", [0, mask.length, mask], { why })];
}

const MOST_CPUS = 8192;

/** A bit for each, in whole words. */
function maskOf(cpus: string): Uint8Array {
  const numbers = cpus.split(",").flatMap(numbersOf);
  if (numbers.length === 0 || numbers.some((cpu) => !(cpu < MOST_CPUS)))
    throw new UserError(`"${cpus}" is no list of processors (such as 0-3,7)`);
  const mask = new Uint8Array((Math.floor(Math.max(...numbers) / 64) + 1) * 8);
  for (const cpu of numbers) mask[cpu >> 3]! |= 1 << (cpu & 7);
  return mask;
}

function numbersOf(range: string): number[] {
  const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(range) ?? [];
  const count = Number(last) - Number(first) + 1;
  return count > 0 && count <= MOST_CPUS ? Array.from({ length: count }, (_, index) => Number(first) + index) : [NaN];
}
