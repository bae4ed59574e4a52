// `--change` of `commit` and `import`: a line as a Dockerfile has it, of those that say something about an image and change
// none of its files.

import { UserError } from "../01-syscalls/index.ts";
import { hostPlatform, type ProcessConfig } from "../06-images/index.ts";
import type { Surroundings } from "./deed.ts";
import { readStatement } from "./instructions/table.ts";
import { readLines, sourceOf } from "./lines.ts";
import { GlobalArgs, StageVariables } from "./variables.ts";

const CHANGES = [
  ...["CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL"],
  ...["ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"],
];

/** What an image does by default, once the lines have their say. Throws UserError for what is no such line. */
export async function changedConfig(config: ProcessConfig, lines: string[]): Promise<ProcessConfig> {
  let changed = config;
  for (const line of lines) changed = await withLine(changed, line);
  return changed;
}

async function withLine(process: ProcessConfig, text: string): Promise<ProcessConfig> {
  const [word = ""] = text.trim().split(/\s/, 1);
  if (!CHANGES.includes(word.toUpperCase())) throw new UserError(`${word || '""'} is not a valid change command`);
  const [line, second] = readLines(sourceOf("--change", text));
  if (!line || second) throw new UserError(`a change is one instruction, and not several: ${text}`);
  const variables = new StageVariables(NO_ARGS, process.Env ?? []);
  // Nothing else is asked for by instructions that change no file.
  const deed = await readStatement(line).plan({ process, variables } as Surroundings);
  return deed.process ?? process;
}

const NO_ARGS = new GlobalArgs({ buildArgs: new Map(), platform: hostPlatform() });
