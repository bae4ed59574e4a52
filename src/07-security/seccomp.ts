// seccomp: the kernel runs a small program of ours before every system call of the container, and does what its verdict
// says. A filter is for ever: it is inherited by every child, survives execve and can only be joined by stricter ones.
// See seccomp(2). What a filter is made from has the shape of the OCI runtime specification's `linux.seccomp`.

import {
  type Register,
  SECCOMP,
  SECCOMP_FILTER_FLAG,
  type Step,
  step,
  struct,
  UserError,
} from "../01-syscalls/index.ts";
import { LISTENER, sendListenerStep } from "./listener.ts";

export const ACTIONS = [
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_LOG",
  "SCMP_ACT_NOTIFY",
] as const;
export type Action = (typeof ACTIONS)[number];

/** In the order of libseccomp's numbers, from 1. */
export const OPERATORS = [
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
] as const;
export type Operator = (typeof OPERATORS)[number];

/** Holds if argument `index` compares so with `value`; for MASKED_EQ if `argument & value` is `valueTwo`. */
export interface ArgumentTest {
  index: number;
  value: number | bigint;
  valueTwo?: number | bigint;
  op: Operator;
}

export interface SyscallRule {
  names: string[];
  action: Action;
  /** What an ERRNO action returns (EPERM unless said), or the message of a TRACE. */
  errnoRet?: number;
  /** All must hold. */
  args?: ArgumentTest[];
}

export interface LinuxSeccomp {
  defaultAction: Action;
  defaultErrnoRet?: number;
  /** Besides the machine's own. */
  architectures?: string[];
  flags?: string[];
  listenerPath?: string;
  listenerMetadata?: string;
  syscalls?: SyscallRule[];
}

// Of the flags, the specification's names; these two are nobody's to choose.
const { NEW_LISTENER: _, TSYNC_ESRCH: __, ...FLAGS } = SECCOMP_FILTER_FLAG;

/**
 * Puts a compiled filter in force. The kernel takes it from whoever has no_new_privs set or CAP_SYS_ADMIN.
 * Where it asks somebody about calls, what he needs for that goes through `line`. Throws UserError for a flag nobody knows.
 */
export function seccompSteps(filter: Uint8Array, flags: readonly string[] = [], line?: Register): Step[] {
  const program = struct(["len", "u16", filter.length / 8], ["filter", "pointer", filter]);
  const named = flags.reduce((all, name) => all | flagNumber(name), 0);
  const why = "from here on the kernel asks this program about every system call";
  if (line === undefined) return [step("seccomp", [SECCOMP.SET_MODE_FILTER, named, program], { why })];
  const bits = named | SECCOMP_FILTER_FLAG.NEW_LISTENER;
  return [step("seccomp", [SECCOMP.SET_MODE_FILTER, bits, program], { why, as: LISTENER }), sendListenerStep(line)];
}

export const FLAG_NAMES: readonly string[] = Object.keys(FLAGS).map((name) => `SECCOMP_FILTER_FLAG_${name}`);

/** `SECCOMP_FILTER_FLAG_LOG` → its bit. */
function flagNumber(name: string): number {
  const flag = Object.entries(FLAGS).find(([own]) => `SECCOMP_FILTER_FLAG_${own}` === name);
  if (!flag) throw new UserError(`unknown seccomp flag "${name}"`);
  return flag[1];
}
