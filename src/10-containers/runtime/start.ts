// `start`: the program of a container that was created begins.

import { readlinkSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import { killGroup } from "../../04-cgroups/index.ts";
import { removeFile } from "../files.ts";
import { isBusy } from "../identity.ts";
import { hasOwnMounts } from "../spec/namespaces.ts";
import { sayStart } from "../start-fifo.ts";
import { runHooks, runHooksInside } from "./hooks.ts";
import { lockedContainer, stateOf, statusOf } from "./runtime-container.ts";

/** Throws UserError for one that isn't waiting for it, or whose hooks fail. */
export function startRuntimeContainer(root: string, id: string, onWarning: (warning: string) => void): Promise<void> {
  return lockedContainer(root, id, async (container) => {
    const status = statusOf(container);
    if (status !== "created") throw new UserError(`cannot start a container that is ${status}`);
    const { spec } = container;
    const { hooks, process } = spec;
    try {
      if (process?.args?.[0] === "") throw new UserError("config.json names no process to run");
      runHooksInside(hooks?.startContainer, stateOf(container, "created"), !hasOwnMounts(spec));
    } catch (error) {
      await killGroup(container.group);
      throw error;
    }
    sayStart(container.files.start);
    removeFile(container.files.start);
    const { pid } = container.process;
    waitWhile(() => isOurLauncher(pid), LONGEST_MS);
    const { poststart = [] } = hooks ?? {};
    if (poststart.length > 0) waitWhile(() => isBusy(pid), FIRST_MS);
    // Whatever became of it meanwhile.
    const running = stateOf(container, "running");
    for (const hook of poststart) runOrWarn(() => runHooks([hook], running), onWarning);
  });
}

/** The specification wants whoever started it to hear of these, and the container to go on. */
export function runOrWarn(run: () => void, onWarning: (warning: string) => void): void {
  try {
    run();
  } catch (error) {
    onWarning((error as Error).message);
  }
}

/** Until it executes another program; where we may not look, or it has ended already, it is fine as it is. */
const LONGEST_MS = 1000;

/** The program has begun then, but on a busy machine a hook could still be faster: the processor is the program's first. */
const FIRST_MS = 20;

/** No longer than `mostMs`. */
function waitWhile(isSo: () => boolean, mostMs: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const end = Date.now() + mostMs;
  while (isSo() && Date.now() < end) Atomics.wait(pause, 0, 0, 1);
}

const isOurLauncher = (pid: number) => programOf(pid).startsWith("/memfd:mini-docker-launcher");

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}
