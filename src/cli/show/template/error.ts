// What is wrong with a template, in Docker's words: it passes on what Go's text/template says.

import { UserError } from "../../../01-syscalls/index.ts";

/** A template that can't be read, in line `line` of it. */
export function parseError(source: string, at: number, reason: string): UserError {
  const line = source.slice(0, at).split("\n").length;
  return new UserError(`template parsing error: template: :${line}: ${reason}`, { exitCode: 1 });
}

/** A template that could be read, but not filled in: `what` is the part that failed. */
export function executeError(source: string, at: number, what: string, reason: string): UserError {
  const before = source.slice(0, at).split("\n");
  const place = `:${before.length}:${before.at(-1)!.length}`;
  const shown = what.length > 20 ? `${what.slice(0, 20)}...` : what;
  const message = `template parsing error: template: ${place}: executing "" at <${shown}>: ${reason}`;
  return new UserError(message, { exitCode: 1 });
}
