// Most command lines are plain: flags that there are, with values they can have, and names. The table of flags is enough to
// read those. Where there is more to say, because help is asked for or something is wrong, commander reads the line again
// and says it; to load it for every container that starts would take longer than to start the container.

import { UserError } from "../../01-syscalls/index.ts";
import type { FlagGroup } from "./flags.ts";
import { type Spelling, spellOut } from "./spell-out.ts";

export interface PlainLine<T> {
  name: string;
  /** Of the program, and what help says, where that isn't `mini-docker` and its verb. */
  program?: string;
  summary?: string;
  flags: readonly FlagGroup<T>[];
  /** As commander writes them: `<image>` has to be there, `[arg...]` needn't. Whatever follows the first isn't ours. */
  operands: string[];
  /** What is so before any flag was read. */
  unasked: () => T;
}

/** What the flags ask for, and the operands; undefined after printing help. Throws UserError in Docker's words. */
export async function readLine<T>(
  line: PlainLine<T>,
  argv: string[],
): Promise<{ asked: T; words: string[] } | undefined> {
  const plain = readPlainly(line, argv);
  if (plain) return plain;
  const { readCommand } = await import("./command.ts");
  const asked = line.unasked();
  const words = readCommand({ ...line, flags: [...line.flags], asked, stopsAtOperand: true }, argv);
  return words && { asked, words };
}

interface Readable<T> extends Spelling {
  set(target: T, value: string): void;
}

function readPlainly<T>({ flags, operands, unasked }: PlainLine<T>, argv: string[]) {
  const table = flags.flatMap(([, ...group]) => group.map(readable));
  const { words, hasUnknown } = spellOut(argv, table, true);
  const asked = unasked();
  if (hasUnknown || !setAll(words, table, asked)) return undefined;
  if (words[0] === "--") words.shift();
  const required = operands.filter((operand) => operand.startsWith("<"));
  return words.length < required.length ? undefined : { asked, words };
}

function readable<T>([names, kind, , set]: FlagGroup<T>[1] & {}): Readable<T> {
  const [long = "", short] = names.split(", ").reverse();
  return { long, short, isSwitch: kind === "", set };
}

/** Takes the flags off the front of `words`. False for a value that its flag can't have. */
function setAll<T>(words: string[], table: Readable<T>[], asked: T): boolean {
  try {
    while (words[0]?.startsWith("--") && words[0] !== "--") {
      const [name = "", ...value] = words.shift()!.split("=");
      table.find(({ long }) => long === name)!.set(asked, value.join("="));
    }
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}
