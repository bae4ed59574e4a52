// A start that failed, said as its user would say it. What the kernel refused us stays with it as the cause; a command
// that can't be run is the user's mistake, and one line says so.

import { LaunchError, SyscallError, UserError } from "../01-syscalls/index.ts";

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const OURS = 125;

/** `exitCode` is Docker's: 127 when the command doesn't exist, 126 when it can't be run, 125 for all else. */
export class StartError extends UserError {
  override name = "StartError";

  constructor(container: string, cause: SyscallError | LaunchError) {
    const { message, exitCode } = explain(container, cause);
    super(message, exitCode === OURS ? { exitCode, cause } : { exitCode });
  }
}

/** What broke a start off as the error to throw: a StartError, unless it is a mistake of ours. */
export function startError(container: string, cause: unknown): unknown {
  return cause instanceof SyscallError || cause instanceof LaunchError ? new StartError(container, cause) : cause;
}

function explain(container: string, cause: SyscallError | LaunchError): { message: string; exitCode: number } {
  if (cause instanceof LaunchError) return { message: `Cannot start container "${container}"`, exitCode: OURS };
  if (cause.step.call !== "execve" && cause.step.call !== "execveat") {
    const purpose = `the kernel refused ${cause.step.call}: ${cause.step.why}`;
    return { message: `Cannot start container "${container}": ${purpose}`, exitCode: OURS };
  }
  const command = commandOf(cause);
  if (cause.code === "ENOENT" || cause.code === "ENOTDIR") {
    const searched = command.includes("/") ? "no such file or directory" : "executable file not found in $PATH";
    return { message: `exec: "${command}": ${searched}`, exitCode: NOT_FOUND };
  }
  const reason = REASONS[cause.code] ?? cause.code;
  return { message: `exec: "${command}": ${reason}`, exitCode: NOT_EXECUTABLE };
}

const REASONS: Record<string, string> = {
  EACCES: "permission denied",
  ENOEXEC: "exec format error",
  E2BIG: "argument list too long",
  EISDIR: "is a directory",
};

/** The name as it was asked for, not the place of the search that came last. */
function commandOf({ step }: SyscallError): string {
  const argv = step.args.find((arg) => typeof arg === "object" && arg !== null && "strings" in arg);
  const [first] = argv && "strings" in (argv as object) ? (argv as { strings: string[] }).strings : [];
  return first ?? "";
}
