// `run` and `create` are asked for in the same words.

import { DockerCommand, declareFlags, parsed } from "./flags.ts";
import { finishRun } from "./run-finish.ts";
import { RUN_FLAGS, type RunCommand, runCommand } from "./run-flags.ts";
import { CONTAINER_VERBS } from "./verbs.ts";

/** What the command line asks for; undefined after its help was printed. Throws UserError in Docker's words. */
export function readRun(name: "run" | "create", argv: string[]): RunCommand | undefined {
  const asked = runCommand();
  let finished: RunCommand | undefined;
  const command = declareFlags(new DockerCommand(`mini-docker ${name}`), RUN_FLAGS, asked)
    .description(CONTAINER_VERBS[name]!.summary)
    .argument("<image>")
    .argument("[command]")
    .argument("[arg...]")
    .passThroughOptions()
    .action((image: string, first: string | undefined, rest: string[]) => {
      finished = finishRun(asked, image, first === undefined ? [] : [first, ...rest]);
    });
  return parsed(command, argv) ? finished : undefined;
}
