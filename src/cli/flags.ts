// Docker's flags follow the habits of Go's pflag: `-itm 512m`, `--rm=false`, `-e A -e B`, `--memory-swap -1`, and for
// `run` all that follows the image belongs to the container. Commander reads most of that already; what it reads
// differently is first spelled out in the one form both agree on, `--long=value`.
// A flag is a line of a table: its names, its value's kind, its help, and what it does to the options being collected.

import { type Argument, Command, type CommanderError, Option } from "commander";
import { UserError } from "../01-syscalls/index.ts";

/** How to write it (`-m, --memory`), its value's kind (`""` for a switch), the help, and where the value goes. */
export type Flag<T> = readonly [names: string, kind: string, help: string, set: (target: T, text: string) => void];

/** Flags under the heading that `--help` shows them under; without a heading they are read, but not shown. */
export type FlagGroup<T> = readonly [heading: string, ...flags: Flag<T>[]];

type Lists<T> = { [K in keyof T]: NonNullable<T[K]> extends unknown[] ? K : never }[keyof T];
type Item<T> = NonNullable<T> extends (infer I)[] ? I : never;

/** The usual things a flag does with its value: be the one value of a field, or one more of a list. */
export function setters<T>() {
  return {
    one<K extends keyof T>(key: K, parse: (text: string) => T[K] & {}) {
      return (target: T, text: string) => {
        target[key] = parse(text);
      };
    },
    many<K extends Lists<T>>(key: K, parse: (text: string) => Item<T[K]>) {
      return (target: T, text: string) => {
        target[key] = [...((target[key] ?? []) as unknown[]), parse(text)] as T[K];
      };
    },
  };
}

/** Declares `groups` on `command`; what is given on the command line is set on `target`. */
export function declareFlags<T>(command: Command, groups: readonly FlagGroup<T>[], target: T): Command {
  for (const [heading, ...flags] of groups) {
    for (const flag of flags) command.addOption(optionOf(flag, heading, target));
  }
  return command;
}

function optionOf<T>([names, kind, help, set]: Flag<T>, heading: string, target: T): Option {
  const option = new Option(`${names} ${kind === "" ? SWITCH : `<${kind}>`}`, help);
  option.argParser((text: string) => withFlagNamed(names, text, () => set(target, text)));
  return heading === "" ? option.hideHelp() : option.helpGroup(heading);
}

const SWITCH = "[bool]";

/** Says of which flag the value is refused, as Docker does. */
function withFlagNamed(names: string, text: string, set: () => void): void {
  try {
    set();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`invalid argument ${JSON.stringify(text)} for "${names}" flag: ${error.message}`);
  }
}

/** A command that reads its flags as Docker does and refuses in Docker's words, with a UserError. */
export class DockerCommand extends Command {
  #stopsAtOperand = false;

  constructor(name?: string) {
    super(name);
    this.helpOption("--help", "Print usage");
    this.configureHelp({
      commandUsage: usageOf,
      optionTerm: (option) =>
        `${option.short ? "" : "    "}${option.flags.replace(` ${SWITCH}`, "").replace(/<(.*)>/, "$1")}`,
      subcommandTerm: (command) => command.name(),
    });
  }

  override createCommand(name?: string): DockerCommand {
    return new DockerCommand(name);
  }

  override passThroughOptions(passThrough = true): this {
    this.#stopsAtOperand = passThrough;
    return super.passThroughOptions(passThrough);
  }

  override parseOptions(argv: string[]): { operands: string[]; unknown: string[] } {
    return super.parseOptions(spellOut(argv, this.options, this.#stopsAtOperand || this.commands.length > 0));
  }

  override error(message: string, about: { exitCode?: number; code?: string } = {}): never {
    throw refusal(this, message, about.code);
  }
}

/** Reads the command line; false after printing the help that was asked for. Throws UserError in Docker's words. */
export function parsed(command: Command, argv: string[]): boolean {
  try {
    command.exitOverride().parse(argv, { from: "user" });
    return true;
  } catch (error) {
    if ((error as CommanderError).code === "commander.helpDisplayed") return false;
    throw error;
  }
}

/** `mini-docker container prune` */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function usageOf(command: Command): string {
  const operands = command.commands.length > 0 ? ["COMMAND"] : command.registeredArguments.map(operandOf);
  return [` ${pathOf(command)}`, "[OPTIONS]", ...operands].join(" ");
}

/** `IMAGE`, `[COMMAND]`, `CONTAINER [CONTAINER...]`, `[ARG...]` */
function operandOf(argument: Argument): string {
  const word = argument.name().toUpperCase();
  if (argument.variadic && argument.required) return `${word} [${word}...]`;
  if (argument.variadic) return `[${word}...]`;
  return argument.required ? word : `[${word}]`;
}

// ---- pflag's habits, spelled out

/** `-itm 512m --rm base ls -l` → `--interactive=true --tty=true --memory=512m --rm=true base ls -l` */
function spellOut(argv: readonly string[], options: readonly Option[], stopsAtOperand: boolean): string[] {
  const spelled: string[] = [];
  const rest = [...argv];
  while (rest.length > 0) {
    const isFlag = /^-./.test(rest[0]!) && rest[0] !== "--";
    if (rest[0] === "--" || (!isFlag && stopsAtOperand)) return [...spelled, ...rest];
    const word = rest.shift()!;
    if (!isFlag) spelled.push(word);
    else spelled.push(...(word.startsWith("--") ? spellLong(word, rest, options) : spellShort(word, rest, options)));
  }
  return spelled;
}

/** A flag that takes a value takes the next word, whatever it looks like. Unknown ones are left for commander to refuse. */
function spellLong(word: string, rest: string[], options: readonly Option[]): string[] {
  const option = options.find((one) => one.long === word);
  return option ? [withValue(option, rest)] : [word];
}

/** `-it`, `-m 5m`, `-m5m`, `-m=5m`: letters are switches until one takes the remainder as its value. */
function spellShort(word: string, rest: string[], options: readonly Option[]): string[] {
  const option = options.find((one) => one.short === word.slice(0, 2));
  const remainder = word.slice(2);
  if (!option) return [word];
  if (remainder === "") return [withValue(option, rest)];
  if (option.required || remainder.startsWith("=")) return [`${option.long}=${remainder.replace(/^=/, "")}`];
  return [`${option.long}=true`, ...spellShort(`-${remainder}`, rest, options)];
}

function withValue(option: Option, rest: string[]): string {
  const value = option.required ? rest.shift() : "true";
  return value === undefined ? option.long! : `${option.long}=${value}`;
}

// ---- refusals

/** Commander's refusal in Docker's words, with where to read on. */
function refusal(command: Command, message: string, code: CommanderError["code"] = ""): UserError {
  const path = pathOf(command);
  const [, word = ""] = /'([^' ,]*)/.exec(message) ?? [];
  const [, similar] = /\(Did you mean (?:one of )?(.*)\?\)/.exec(message) ?? [];
  const hint = similar ? `did you mean ${similar}?` : `see '${path} --help'`;
  return new UserError(REFUSALS[code]?.(path, word, command) ?? message.replace(/^error: /, ""), { hint });
}

const REFUSALS: Record<string, (path: string, word: string, command: Command) => string> = {
  "commander.unknownOption": (_path, word) =>
    word.startsWith("--") ? `unknown flag: ${word}` : `unknown shorthand flag: '${word[1]}' in ${word}`,
  "commander.optionMissingArgument": (_path, word, { options }) =>
    `flag needs an argument: ${options.find(({ short, long }) => [short, long].includes(word))?.long ?? word}`,
  "commander.unknownCommand": (path, word) => `unknown command: ${path} ${word}`,
  "commander.missingArgument": (path, _word, command) => `'${path}' requires ${wanted(command, "at least ")}`,
  "commander.excessArguments": (path, _word, command) => `'${path}' ${accepted(command)}`,
};

/** `at least 1 argument`; exactly that many where none is optional. */
function wanted({ registeredArguments }: Command, atLeast: string): string {
  const count = registeredArguments.filter((argument) => argument.required).length;
  const isExact = registeredArguments.every((argument) => argument.required && !argument.variadic);
  return `${isExact ? "" : atLeast}${count} argument${count === 1 ? "" : "s"}`;
}

function accepted(command: Command): string {
  return command.registeredArguments.length === 0 ? "accepts no arguments" : `requires ${wanted(command, "at most ")}`;
}
