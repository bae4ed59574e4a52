// `run` and `create` are asked for in the same words.

import { readLine } from "./plain.ts";
import { finishRun } from "./run-finish.ts";
import { RUN_FLAGS, type RunCommand, runCommand } from "./run-flags.ts";

/** What the command line asks for; undefined after its help was printed. Throws UserError in Docker's words. */
export async function readRun(name: "run" | "create", argv: string[]): Promise<RunCommand | undefined> {
  const operands = ["<image>", "[command]", "[arg...]"];
  const read = await readLine({ name, flags: RUN_FLAGS, operands, unasked: runCommand }, argv);
  if (!read) return undefined;
  const [image = "", ...command] = read.words;
  return finishRun(read.asked, image, command);
}
