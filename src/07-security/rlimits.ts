// Resource limits of one process: open files, core dumps, stack, … Each has a soft value, which counts, and a hard one,
// up to which the process may raise the soft one itself. Raising the hard one takes CAP_SYS_RESOURCE. See getrlimit(2).

import { readFileSync } from "node:fs";
import { RLIMIT, type Step, step, struct, UserError } from "../01-syscalls/index.ts";
import { holdsOnHost } from "./capabilities.ts";

/** An element of OCI's `process.rlimits`: RLIMIT_NOFILE and so on. No limit is 2⁶⁴ - 1, which a number rounds to 2⁶⁴. */
export interface Rlimit {
  type: string;
  soft: number;
  hard: number;
}

const NO_LIMIT = 2n ** 64n - 1n;

/** Throws UserError for a limit no kernel has. */
export function rlimitSteps(rlimits: readonly Rlimit[] = []): Step[] {
  return rlimits.map(({ type, soft, hard }) => {
    const limit = struct(["rlim_cur", "u64", inKernel(soft), spell], ["rlim_max", "u64", inKernel(hard), spell]);
    return step("prlimit64", [0, resourceNumber(type), limit, null], { why: "a limit for each process on its own" });
  });
}

/**
 * The limits as this process can set them: hard ones above its own come down to those, unless it may raise them.
 * `warnings` says which. `limits` is the text of /proc/self/limits.
 */
export function grantableRlimits(
  wanted: readonly Rlimit[],
  own?: { limits: string; canRaise: boolean },
): { granted: Rlimit[]; warnings: string[] } {
  if (wanted.length === 0) return { granted: [], warnings: [] };
  const { limits, canRaise } = own ?? ownLimits();
  const warnings: string[] = [];
  const granted = wanted.map((one) => {
    const most = canRaise ? mostForAnybody(one.type) : hardLimitIn(limits, one.type);
    if (inKernel(one.hard) <= most) return one;
    const whose = canRaise ? "what the kernel gives anybody (fs.nr_open)" : "this process's own hard limit";
    warnings.push(`${one.type} is ${most}: it can't be raised above ${whose}`);
    return { type: one.type, soft: Math.min(one.soft < 0 ? Infinity : one.soft, Number(most)), hard: Number(most) };
  });
  return { granted, warnings };
}

/** Open files are counted in a table whose size is a setting of the kernel; root, too, gets EPERM above it. */
function mostForAnybody(type: string): bigint {
  return type === "RLIMIT_NOFILE" ? BigInt(readFileSync("/proc/sys/fs/nr_open", "latin1").trim()) : NO_LIMIT;
}

function ownLimits(): { limits: string; canRaise: boolean } {
  return { limits: readFileSync("/proc/self/limits", "latin1"), canRaise: holdsOnHost("CAP_SYS_RESOURCE") };
}

/** What the rows of /proc/PID/limits are called. */
const TITLES: Readonly<Record<keyof typeof RLIMIT, string>> = {
  CPU: "cpu time",
  FSIZE: "file size",
  DATA: "data size",
  STACK: "stack size",
  CORE: "core file size",
  RSS: "resident set",
  NPROC: "processes",
  NOFILE: "open files",
  MEMLOCK: "locked memory",
  AS: "address space",
  LOCKS: "file locks",
  SIGPENDING: "pending signals",
  MSGQUEUE: "msgqueue size",
  NICE: "nice priority",
  RTPRIO: "realtime priority",
  RTTIME: "realtime timeout",
};

function hardLimitIn(limits: string, type: string): bigint {
  const [, hard] = new RegExp(`^Max ${TITLES[nameOf(type)]} +\\S+ +(\\d+)`, "m").exec(limits) ?? [];
  return hard === undefined ? NO_LIMIT : BigInt(hard);
}

function resourceNumber(type: string): number {
  return RLIMIT[nameOf(type)];
}

function nameOf(type: string): keyof typeof RLIMIT {
  const name = type.replace(/^RLIMIT_/, "");
  if (!type.startsWith("RLIMIT_") || !(name in RLIMIT)) throw new UserError(`invalid rlimit type: ${type}`);
  return name as keyof typeof RLIMIT;
}

/** A number can't hold 2⁶⁴ - 1; -1 is how people write it. */
function inKernel(value: number): bigint {
  return value < 0 || value >= 2 ** 64 ? NO_LIMIT : BigInt(value);
}

const spell = (value: bigint) => (value === NO_LIMIT ? "RLIM64_INFINITY" : String(value));
