// Commander, taught to read as Docker does: it hears of the flags in the table after their words were spelled out
// (spell-out.ts), and makes the help; what it refuses is said in Docker's words (refusals.ts).

import { type Argument, Command, type CommanderError, type HelpContext, Option } from "commander";
import { UserError } from "../../01-syscalls/index.ts";
import { pathOf, refusal, WRONG_FLAG } from "../refusals.ts";
import type { Flag, FlagGroup } from "./flags.ts";
import { type Spelling, spellOut } from "./spell-out.ts";

/** A flag that commander can be told of. */
interface Declared extends Spelling {
  option(): Option;
}

/** Declares `groups` on `command`; what is given on the command line is set on `target`. */
export function declareFlags<T>(command: DockerCommand, groups: readonly FlagGroup<T>[], target: T): DockerCommand {
  for (const [heading, ...flags] of groups) {
    for (const flag of flags) command.declare(declared(flag, heading, target));
  }
  return command;
}

function declared<T>(flag: Flag<T>, heading: string, target: T): Declared {
  const [names, kind] = flag;
  const [long = "", short] = names.split(", ").reverse();
  return { long, short, isSwitch: kind === "", option: () => optionOf(flag, heading, target) };
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
    const message = `invalid argument ${JSON.stringify(text)} for "${names}" flag: ${error.message}`;
    throw new UserError(message, { exitCode: WRONG_FLAG });
  }
}

/** A command that reads its flags as Docker does and refuses in Docker's words, with a UserError. */
export class DockerCommand extends Command {
  #stopsAtOperand = false;
  /** Of those that commander was not told of yet: each costs it some time, and most commands use few. */
  #declared: Declared[] = [];

  constructor(name?: string) {
    super(name);
    this.helpOption("--help", "Print usage");
    this.configureHelp({
      commandUsage: usageOf,
      optionTerm: optionTermOf,
      subcommandTerm: (command) => command.name(),
    });
  }

  declare(flag: Declared): void {
    this.#declared.push(flag);
  }

  override createCommand(name?: string): DockerCommand {
    return new DockerCommand(name);
  }

  override passThroughOptions(passThrough = true): this {
    this.#stopsAtOperand = passThrough;
    return super.passThroughOptions(passThrough);
  }

  override parseOptions(argv: string[]): { operands: string[]; unknown: string[] } {
    const stops = this.#stopsAtOperand || this.commands.length > 0;
    const { words, used, hasUnknown } = spellOut(argv, this.#declared, stops);
    // For the help, and to guess what a mistyped flag was meant to be, it has to know all.
    this.#tell(hasUnknown ? this.#declared : [...used]);
    return super.parseOptions(words);
  }

  override helpInformation(context?: HelpContext): string {
    this.#tell(this.#declared);
    return super.helpInformation(context);
  }

  #tell(flags: Declared[]): void {
    for (const flag of flags) this.addOption(flag.option());
    this.#declared = this.#declared.filter((flag) => !flags.includes(flag));
  }

  override error(message: string, about: { exitCode?: number; code?: string } = {}): never {
    throw refusal(this, message, about.code);
  }
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

/** As Docker lists them: the long names below each other, and the value's kind without brackets. */
function optionTermOf({ short, flags }: Option): string {
  return `${short ? "" : "    "}${flags.replace(` ${SWITCH}`, "").replace(/<(.*)>/, "$1")}`;
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
