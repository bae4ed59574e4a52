// How a failed system call travels: the call as it was made, and the kernel's answer.

import { errnoName } from "./errno.ts";
import { spellCall } from "./spell.ts";
import type { Step } from "./step.ts";

/** The kernel refused `step`. `errno` is its number; `message` is the call as strace would print it. */
export class SyscallError extends Error {
  override name = "SyscallError";
  readonly step: Step;
  readonly errno: number;
  /** The errno's name, where Node's own errors have it too: `"ENOENT"`. */
  readonly code: string;

  constructor(step: Step, errno: number) {
    super(`${spellCall(step)} = ${errnoName(errno)}`);
    this.step = step;
    this.errno = errno;
    this.code = errnoName(errno);
  }
}

/** A mistake of the person at the keyboard: one line, no stack. `exitCode` is Docker's; without, the verb's own for failures. */
export class UserError extends Error {
  override name = "UserError";
  readonly exitCode: number | undefined;
  readonly hint: string | undefined;

  constructor(message: string, options: { exitCode?: number; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode;
    this.hint = options.hint;
  }
}
