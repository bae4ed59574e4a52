// `run`: create, start, and unless it is to go on alone, stay until the end and take it away.

import { exitCodeOf, PR, performOne, prctlStep } from "../../01-syscalls/index.ts";
import { type CreateRequest, createRuntimeContainer } from "./create.ts";
import { deleteRuntimeContainer } from "./delete.ts";
import { withOwnTerminal } from "./own-terminal.ts";
import { signalsPassedOn } from "./pass-signals.ts";
import { startRuntimeContainer } from "./start.ts";

export interface RunRequest extends CreateRequest {
  detach: boolean;
  /** Its folder stays when it has ended. */
  keep: boolean;
}

/** The exit code of the container's process; 0 for one that goes on alone. Throws as `create` and `start` do. */
export function runRuntimeContainer(request: RunRequest): Promise<number> {
  if (request.detach) return begin(request).then(() => 0);
  // The launcher ends when it has made the child: that becomes ours, and its end is told to us.
  performOne(
    prctlStep({ option: PR.SET_CHILD_SUBREAPER, args: [1], why: "the container's process becomes our child" }),
  );
  return withOwnTerminal(request, async (own) => {
    const pid = await begin(own);
    const stop = signalsPassedOn(pid);
    const code = await exitCodeOf(pid);
    stop();
    if (!request.keep)
      await deleteRuntimeContainer(request.root, request.id, { force: true, onWarning: request.onWarning });
    return code;
  });
}

async function begin(request: RunRequest): Promise<number> {
  const { root, id, onWarning } = request;
  const { process } = await createRuntimeContainer(request);
  try {
    await startRuntimeContainer(root, id, onWarning);
  } catch (error) {
    await deleteRuntimeContainer(root, id, { force: true, onWarning });
    throw error;
  }
  return process.pid;
}
