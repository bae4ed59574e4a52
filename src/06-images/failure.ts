// Failures that are no bug: what somebody else's archive is like, and what the kernel refuses, a full disk first of all.
// They become one line that says what was being done.

import { UserError } from "../01-syscalls/index.ts";

/** Carries `work` out; an expected failure becomes a UserError that begins with what `what` says. */
export function naming<T>(what: () => string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw named(what(), error);
  }
}

/** The error to throw instead. A bug stays what it is. */
export function named(what: string, error: unknown): unknown {
  return isExpected(error) ? new UserError(`${what}: ${error.message}`, { cause: error }) : error;
}

/** Node's own complaints about how it was called begin with ERR_. */
function isExpected(error: unknown): error is Error {
  const { code = "ERR_" } = error as { code?: unknown };
  return error instanceof UserError || (typeof code === "string" && !code.startsWith("ERR_"));
}
