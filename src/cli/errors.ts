// Errors travel as facts (a call and its errno, a purpose, a hint) and become sentences here, once. Three kinds:
// somebody's mistake is one line; what the kernel refused is the purpose and below it the call as made; anything else
// is our own bug and shows its stack. Exit codes are Docker's: 126 and 127 are the command's; the engine's own failures are
// 125 in `run`, whose other codes are the container's, and 1 in every other verb.

import { ERRNO, SyscallError, UserError } from "../01-syscalls/index.ts";

export interface Sentences {
  /** Without a line break at the end. */
  text: string;
  exitCode: number;
}

/** How parts of a message are set off; each function returns its text, coloured or as it is. */
export interface Paint {
  program(text: string): string;
  call(text: string): string;
  hint(text: string): string;
}

const PLAIN: Paint = { program: (text) => text, call: (text) => text, hint: (text) => text };

export const ENGINE_FAILED = 125;

/** What to print on standard error, and the code to exit with: the error's own, or `failure`. */
export function sentences(error: unknown, paint: Paint = PLAIN, failure = ENGINE_FAILED): Sentences {
  const chain = causes(error);
  const top = chain[0];
  if (!chain.some(isFact)) return { text: bugReport(error, paint), exitCode: failure };
  const said = chain.filter((one) => !(one instanceof SyscallError));
  const news = said.filter(({ message }, index) => index === 0 || !said[index - 1]!.message.endsWith(message));
  const messages = news.map(messageOf);
  const calls = chain.filter((one) => one instanceof SyscallError).map((one) => one.message);
  const [first = "the kernel refused a system call", ...more] = messages;
  const lines = [
    `${paint.program("mini-docker:")} ${[first, ...more].join(": ")}`,
    ...calls.map((call) => `  ${paint.call(call)}`),
    ...chain.flatMap(hintsOf).map((hint) => `  ${paint.hint(`Hint: ${hint}`)}`),
  ];
  return { text: lines.join("\n"), exitCode: (top instanceof UserError ? top.exitCode : undefined) ?? failure };
}

/** An error, its cause, the cause's cause. */
function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  return [error, ...causes(error.cause)];
}

/** Not a bug: a person's mistake, or the kernel's answer to a call of ours or of Node's. */
function isFact(error: Error): boolean {
  return error instanceof UserError || error instanceof SyscallError || isSystemError(error);
}

function isSystemError(error: Error): error is NodeJS.ErrnoException {
  return "code" in error && typeof error.code === "string" && error.code in ERRNO && "syscall" in error;
}

function messageOf(error: Error): string {
  return isSystemError(error) && !(error instanceof UserError) ? systemMessage(error) : error.message;
}

/** `open /x: no such file or directory`, as Go and so Docker has it; Node puts it the other way round. */
function systemMessage(error: NodeJS.ErrnoException): string {
  const where = [error.syscall, error.path && shortened(error.path)].filter(Boolean).join(" ");
  return `${where}: ${reasonOf(error)}`;
}

const LONGEST_PATH = 512;

/** A container can make paths of thousands of bytes; both ends of one tell enough. */
function shortened(path: string): string {
  if (path.length <= LONGEST_PATH) return path;
  return `${path.slice(0, LONGEST_PATH / 2)}…${path.slice(-LONGEST_PATH / 2)}`;
}

/** Why a call of Node's failed, without which call it was: `no such file or directory`. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^[A-Z0-9]+: (.*?)(,|$)/.exec(message)?.[1] ?? message;
}

function hintsOf(error: Error): string[] {
  return error instanceof UserError && error.hint !== undefined ? [error.hint] : [];
}

function bugReport(error: unknown, paint: Paint): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${paint.program("mini-docker:")} this is a bug in mini-docker, please report it\n${stack}`;
}
