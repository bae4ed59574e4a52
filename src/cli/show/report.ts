// Where errors are printed: on standard error, in colour if somebody looks.

import { sentences } from "../errors.ts";
import { errorPaint } from "./colours.ts";

/** Prints the error and returns the exit code: the error's own, or `failure`. */
export function report(error: unknown, failure: number): number {
  const { text, exitCode } = sentences(error, errorPaint(process.stderr), failure);
  process.stderr.write(`${text}\n`);
  return exitCode;
}
