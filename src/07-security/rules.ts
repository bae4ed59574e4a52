// What a seccomp profile says about each call, and the number by which the kernel knows each thing it can say.

import { UserError } from "../01-syscalls/index.ts";
import type { Action, ArgumentTest, LinuxSeccomp, SyscallRule } from "./seccomp.ts";

const EPERM = 1;
const ENOSYS = 38;
const LARGEST_ERRNO = 4095;

/** SECCOMP_RET_* of linux/seccomp.h. The low 16 bits are ERRNO's and TRACE's own. */
export const VERDICT: Readonly<Record<Action, number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x30000,
  SCMP_ACT_ERRNO: 0x50000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

/** One call's rules. */
export interface CallRules {
  /** The verdict of a rule without arguments, which holds whatever the others say. */
  always?: number;
  /** Else the first whose arguments match. */
  tests: { args: ArgumentTest[]; verdict: number }[];
}

/** A profile, read: every action is a verdict. */
export interface Profile {
  calls: Map<string, CallRules>;
  /** For the calls it doesn't name, */
  otherwise: number;
  /** and for those with a number beyond every one it names. */
  unknown: number;
}

/**
 * Reads a profile as libseccomp and runc do: a rule that says what the default says is no rule. Throws UserError for what
 * the specification doesn't know.
 */
export function readProfile(seccomp: LinuxSeccomp): Profile {
  if (seccomp.defaultAction === "SCMP_ACT_NOTIFY") {
    throw new UserError("SCMP_ACT_NOTIFY cannot be used as default action");
  }
  const otherwise = verdictOf(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const calls = new Map<string, CallRules>();
  for (const rule of seccomp.syscalls ?? []) {
    const verdict = verdictOf(rule.action, rule.errnoRet);
    for (const name of rule.names) {
      const rules = calls.get(name) ?? { tests: [] };
      calls.set(name, rules);
      if (verdict !== otherwise) addRule(rules, rule, verdict);
    }
  }
  return { calls, otherwise, unknown: unknownVerdict(seccomp.defaultAction, otherwise) };
}

/**
 * A call newer than the profile. Programs try it first and, told that it doesn't exist, do without; told that it is
 * forbidden, they give up. So under a profile that refuses by default it doesn't exist.
 */
function unknownVerdict(defaultAction: Action, otherwise: number): number {
  const isLenient = ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"].includes(defaultAction);
  return isLenient ? otherwise : VERDICT.SCMP_ACT_ERRNO | ENOSYS;
}

function verdictOf(action: Action, errno = EPERM): number {
  const verdict = VERDICT[action];
  if (verdict === undefined) throw new UserError(`unknown seccomp action "${action}"`);
  if (action !== "SCMP_ACT_ERRNO" && action !== "SCMP_ACT_TRACE") return verdict;
  if (!Number.isInteger(errno) || errno < 0 || errno > LARGEST_ERRNO)
    throw new UserError(`${errno} is no error number`);
  return verdict | errno;
}

function addRule(rules: CallRules, { args = [] }: SyscallRule, verdict: number): void {
  args.forEach(checkTest);
  const isAboutEachOnce = new Set(args.map(({ index }) => index)).size === args.length;
  if (args.length === 0) rules.always ??= verdict;
  else if (isAboutEachOnce) rules.tests.push({ args, verdict });
  // Several tests of one argument are alternatives: so runc and crun have it, and profiles rely on it.
  else rules.tests.push(...args.map((test) => ({ args: [test], verdict })));
}

function checkTest({ index, op, value, valueTwo = 0 }: ArgumentTest): void {
  if (!Number.isInteger(index) || index < 0 || index > 5) throw new UserError(`a system call has no argument ${index}`);
  if (!/^SCMP_CMP_(NE|LT|LE|EQ|GE|GT|MASKED_EQ)$/.test(op)) throw new UserError(`unknown seccomp operator "${op}"`);
  for (const each of [value, valueTwo]) {
    // config.json was read into numbers of 53 bits: compared with something near it, a filter would say the opposite.
    const isExact = typeof each === "bigint" ? each >= 0n && each < 2n ** 64n : Number.isSafeInteger(each) && each >= 0;
    if (!isExact) throw new UserError(`${each} is not a number that a filter can compare with`);
  }
}
