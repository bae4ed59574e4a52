// Commander notices what is wrong with a command line; here it is said in Docker's words, with where to read on.

import type { Command } from "commander";
import { UserError } from "../01-syscalls/index.ts";

/** Commander's own `message` and the `code` of its kind → what Docker would say. */
export function refusal(command: Command, message: string, code = ""): UserError {
  const path = pathOf(command);
  const [, word = ""] = /'([^' ,]*)/.exec(message) ?? [];
  const [, similar] = /\(Did you mean (?:one of )?(.*)\?\)/.exec(message) ?? [];
  const hint = `${similar ? `did you mean ${similar}? Or ` : ""}see '${path} --help'`;
  const exitCode = ABOUT_OPERANDS.includes(code) ? 1 : WRONG_FLAG;
  return new UserError(REFUSALS[code]?.(path, word, command) ?? message.replace(/^error: /, ""), { hint, exitCode });
}

/** Docker's exit code for a flag that is wrong; with the flags right and the rest of the line wrong it is 1. */
export const WRONG_FLAG = 125;
const ABOUT_OPERANDS = ["commander.missingArgument", "commander.excessArguments", "commander.unknownCommand"];

/** `mini-docker container prune` */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

const AT_LEAST = "at least ";
const AT_MOST = "at most ";

const REFUSALS: Record<string, (path: string, word: string, command: Command) => string> = {
  "commander.unknownOption": (_path, word) =>
    word.startsWith("--") ? `unknown flag: ${word}` : `unknown shorthand flag: '${word[1]}' in ${word}`,
  "commander.optionMissingArgument": (_path, word, { options }) =>
    `flag needs an argument: ${options.find(({ short, long }) => [short, long].includes(word))?.long ?? word}`,
  "commander.unknownCommand": (path, word) => `unknown command: ${path} ${word}`,
  "commander.missingArgument": (path, _word, command) => `'${path}' requires ${wanted(command, AT_LEAST)}`,
  "commander.excessArguments": (path, _word, command) => `'${path}' ${accepted(command)}`,
};

/** `at least 1 argument`; exactly that many where none is optional. */
function wanted({ registeredArguments }: Command, bound: string): string {
  const count = registeredArguments.filter(({ required }) => bound !== AT_LEAST || required).length;
  const isExact = registeredArguments.every(({ required, variadic }) => required && !variadic);
  return `${isExact ? "" : bound}${count} argument${count === 1 ? "" : "s"}`;
}

function accepted(command: Command): string {
  return command.registeredArguments.length === 0 ? "accepts no arguments" : `requires ${wanted(command, AT_MOST)}`;
}
