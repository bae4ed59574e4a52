// Carries steps out in this process: the parent's half of a plan, and every single call Node itself has no name for.
// It does what the launcher's loop does, with the same meaning of `allow`, `retry`, `as` and `atLeast`.

import { outsOf, type Registers, refsOf } from "./bind.ts";
import { encodeCall, PATCH } from "./encode.ts";
import { ERRNO, type Errno } from "./errno.ts";
import { SyscallError } from "./error.ts";
import { NLMSG } from "./flags.ts";
import { addressOf, syscall } from "./libc.ts";
import { type CallName, callNumber } from "./numbers.ts";
import type { Register, Step } from "./step.ts";

/** How one performed step went: the kernel's result, the time it took, and all registers but the one for the result. */
export interface Performed {
  step: Step;
  result: number;
  ns: number;
  registers: Registers;
}

/**
 * Makes the calls in order and returns all registers. Throws SyscallError at the first failure the step doesn't allow.
 * `onStep` is told of each; a step whose register is empty is left out, and told with that register's -errno.
 */
export function perform(steps: Step[], known: Registers = {}, onStep?: (done: Performed) => void): Registers {
  const registers = { ...known };
  const opened = new Set<Register>();
  try {
    for (const step of steps) {
      const empty = emptyRegister(step, registers);
      const { result, ns } = empty === undefined ? makeCall(step, registers) : { result: empty, ns: 0 };
      onStep?.({ step, result, ns, registers });
      if (step.as !== undefined) registers[step.as] = result;
      if (result >= 0) followDescriptors(step, opened);
    }
    return registers;
  } catch (error) {
    // The launcher's descriptors end with the launcher. Ours would stay for as long as this process lives.
    for (const name of opened) syscall(callNumber("close"), [registers[name]!]);
    throw error;
  }
}

const OPENERS: readonly CallName[] = [
  "openat",
  "openat2",
  "open_tree",
  "fsopen",
  "fsmount",
  "socket",
  "socketpair",
  "pipe2",
];

/** Keeps account of the registers that hold a descriptor which the list has opened and not closed. */
function followDescriptors({ call, as, args }: Step, opened: Set<Register>): void {
  if (call === "close") for (const { reg } of args.flatMap(refsOf)) opened.delete(reg);
  if (!OPENERS.includes(call)) return;
  if (as !== undefined) opened.add(as);
  for (const name of args.flatMap(outsOf)) opened.add(name);
}

/** One call on its own: its result (or an allowed -errno); throws SyscallError. */
export function performOne(step: Step): number {
  return makeCall(step, {}).result;
}

function makeCall(step: Step, registers: Registers): { result: number; ns: number } {
  const { bytes, relocations, patches } = encodeCall(step, registers);
  const words = new BigInt64Array(bytes.buffer);
  const base = relocations.length > 0 ? addressOf(bytes) : 0n;
  for (const at of relocations) words[at / 8]! += base;
  const began = process.hrtime.bigint();
  const result = callAgain(step, words.subarray(0, step.args.length), () => {
    return bytes.subarray(Number(words[1]! - base));
  });
  const ns = Number(process.hrtime.bigint() - began);
  if (result >= 0) {
    const outs = patches.filter(({ kind }) => kind === PATCH.OUT);
    step.args.flatMap(outsOf).forEach((name, index) => {
      registers[name] = bytes.readInt32LE(outs[index]!.at);
    });
  }
  return { result, ns };
}

function callAgain(step: Step, words: Iterable<bigint>, arrived: () => Buffer): number {
  const number = callNumber(step.call);
  let result = syscall(number, words);
  while (isOneOf(result, step.retry)) result = syscall(number, words);
  if (step.reply === "netlink" && result >= 0) result = errorIn(arrived()) || result;
  if (result < 0 && !isOneOf(result, step.allow)) throw new SyscallError(step, -result);
  if (result >= 0 && result < (step.atLeast ?? 0)) throw new SyscallError(step, ERRNO.EPIPE);
  return result;
}

/** netlink(7): a header of 16 bytes, which says of what kind this is, then 0 or -errno. */
function errorIn(message: Buffer): number {
  return message.readUInt16LE(4) === NLMSG.ERROR ? message.readInt32LE(16) : 0;
}

function isOneOf(result: number, errnos: readonly Errno[] = []): boolean {
  return errnos.some((name) => result === -ERRNO[name]);
}

/** The first register this step uses that holds an allowed failure instead of a value. */
function emptyRegister(step: Step, registers: Registers): number | undefined {
  return step.args
    .flatMap(refsOf)
    .map((ref) => registers[ref.reg])
    .find((value) => value !== undefined && value < 0);
}
