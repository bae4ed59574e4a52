// The kernel itself: its age, its processor, and the calls that everything here is made of. A call is asked for by making it
// wrongly: a kernel that knows it says what is wrong, one that doesn't says ENOSYS.

import { existsSync } from "node:fs";
import { machine, release } from "node:os";
import { type CallName, performOne, SyscallError, step } from "../../01-syscalls/index.ts";
import { type Finding, lacking, ok } from "./finding.ts";

export function kernelFindings(): Finding[] {
  return [versionFinding(), processorFinding(), callsFinding(), idmapFinding(), seccompFinding()];
}

/** With close_range's and clone3's cgroup, all that a start can't do without. */
const OLDEST = [5, 9] as const;

function versionFinding(): Finding {
  if (isAtLeast(...OLDEST)) return ok("kernel", `Linux ${release()}`);
  const why = `system calls that every start makes came with Linux ${OLDEST.join(".")}`;
  return lacking("broken", "kernel", `Linux ${release()}`, { why, mend: "boot a newer kernel" });
}

function processorFinding(): Finding {
  if (process.arch === "x64" || process.arch === "arm64") return ok("processor", machine());
  const why = "system call numbers and filters are known for x86-64 and arm64";
  return lacking("broken", "processor", machine(), { why, mend: "use another machine" });
}

/** Each with the kernel that brought it. All arguments are wrong. */
const CALLS: [CallName, since: string, ...args: number[]][] = [
  ["clone3", "5.3", 0, 0],
  ["fsopen", "5.2", 0, -1],
  ["open_tree", "5.2", -1, 0, -1],
  ["move_mount", "5.2", -1, 0, -1, 0, -1],
  ["openat2", "5.6", -1, 0, 0, 0],
  ["close_range", "5.9", 2, 1, 0],
  ["mount_setattr", "5.12", -1, 0, -1, 0, 0],
  ["pidfd_open", "5.3", 0, -1],
];

function callsFinding(): Finding {
  const missing = CALLS.filter(([call, , ...args]) => !isKnown(call, args));
  if (missing.length === 0) return ok("system calls", CALLS.map(([call]) => call).join(" "));
  const names = missing.map(([call, since]) => `${call} (Linux ${since})`).join(", ");
  const why = "the kernel is older, or somebody's seccomp filter hides them from us";
  const mend = "boot a newer kernel; in a container, start it with --security-opt seccomp=unconfined";
  return lacking("broken", "system calls", `without ${names}`, { why, mend });
}

function isKnown(call: CallName, args: number[]): boolean {
  try {
    performOne(step(call, args, { why: "is there such a call?" }));
    return true;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return error.code !== "ENOSYS";
  }
}

function idmapFinding(): Finding {
  const isThere = isAtLeast(5, 12) && isKnown("mount_setattr", [-1, 0, -1, 0, 0]);
  if (isThere) return ok("idmapped mounts", "with most filesystems");
  const mend = "boot Linux 5.12 or later";
  return lacking("limited", "idmapped mounts", "none", { why: "they came with Linux 5.12", mend });
}

function seccompFinding(): Finding {
  if (existsSync("/proc/sys/kernel/seccomp/actions_avail")) return ok("seccomp", "filters of system calls");
  const why = "this kernel was built without CONFIG_SECCOMP_FILTER";
  const mend = "boot a distribution's kernel, or run with --security-opt seccomp=unconfined";
  return lacking("broken", "seccomp", "none", { why, mend });
}

function isAtLeast(major: number, minor: number): boolean {
  const [ours = 0, oursMinor = 0] = release().split(".").map(Number);
  return ours > major || (ours === major && oursMinor >= minor);
}
