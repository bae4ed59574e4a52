// A verb's command line: flags by their table, and the words that are left, which are names.

import { VERBS, type Verbs } from "../verbs.ts";
import { DockerCommand, declareFlags, parsed } from "./docker-command.ts";
import type { FlagGroup } from "./flags.ts";

export interface CommandLine<T> {
  /** As it is typed: `rm`, `container prune`. */
  name: string;
  /** Whose; `mini-docker` unless said. */
  program?: string;
  /** Commander's way of writing them: `<container...>` is one or more, `[image]` none or one. */
  operands?: string[];
  flags?: FlagGroup<T>[];
  /** What the flags set their values on. */
  asked?: T;
  /** Whatever follows the first operand is not ours to read. */
  stopsAtOperand?: boolean;
  /** What `--help` says; the verb's own summary unless said. */
  summary?: string;
}

/** The operands; undefined after printing the help that was asked for. Throws UserError in Docker's words. */
export function readCommand<T>(line: CommandLine<T>, argv: string[]): string[] | undefined {
  const { name, program = "mini-docker", operands = [], flags = [], asked, stopsAtOperand = false } = line;
  const command = declareFlags(new DockerCommand(`${program} ${name}`), flags, asked as T);
  command.description(flowing(line.summary ?? (VERBS as Verbs)[name]?.summary ?? ""));
  command.passThroughOptions(stopsAtOperand);
  for (const operand of operands) command.argument(operand);
  let found: string[] = [];
  command.action((...words: unknown[]) => {
    found = words
      .slice(0, operands.length)
      .flat()
      .filter((word) => typeof word === "string");
  });
  return parsed(command, argv) ? found : undefined;
}

/** Without the line ends that the source has: where a paragraph breaks is the terminal's to say. Examples stay. */
function flowing(text: string): string {
  const paragraphs = text.split("\n\n");
  return paragraphs.map((each) => (/^\s/m.test(each) ? each : each.replaceAll("\n", " "))).join("\n\n");
}
