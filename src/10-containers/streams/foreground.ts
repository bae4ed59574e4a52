// `run` without -d, `start -a` and `attach`: the container's output is ours, and its exit code becomes ours.

import { closeSync } from "node:fs";
import { type Launched, reap, UserError } from "../../01-syscalls/index.ts";
import { afterExit } from "../after-exit.ts";
import { type Container, readContainer } from "../container.ts";
import { containerEvent } from "../container-events.ts";
import type { Watch } from "../explain/watch.ts";
import type { Roots } from "../folders.ts";
import { startExisting } from "../restart.ts";
import { readExit, UNKNOWN_EXIT } from "../settle.ts";
import type { StartOptions } from "../start.ts";
import { ignoreGone } from "../stop.ts";
import { waitForExit } from "../wait.ts";
import { type AttachHandlers, Attachment, connectTo } from "./attach.ts";
import { clientSocket } from "./client-socket.ts";
import { type Lending, lendTerminal, terminalSize } from "./terminal.ts";

export interface Foreground extends Lending {
  handlers: AttachHandlers;
  start?: Pick<StartOptions, keyof Watch | "onWarning">;
}

/** Starts the container and stays with it, from its first byte. The exit code; undefined when the person let go of it. */
export async function runInForeground(roots: Roots, id: string, how: Foreground): Promise<number | undefined> {
  const { ours, theirs } = clientSocket();
  const size = how.tty ? terminalSize() : undefined;
  let launched: Launched | undefined;
  try {
    launched = await startExisting(roots, id, { ...how.start, client: theirs, ...(size && { size }) });
    if (!launched) throw new UserError(`container ${id} is running already`);
  } catch (error) {
    closeSync(ours);
    throw error;
  } finally {
    closeSync(theirs);
  }
  const { exitCode, detached } = await lend(new Attachment(ours, how.handlers), how);
  if (detached) return undefined;
  reap(launched.launcherPid, true);
  return finish(roots, id, exitCode);
}

async function lend(attachment: Attachment, how: Lending) {
  const giveBack = lendTerminal(attachment, how);
  const end = await attachment.ended;
  giveBack();
  return end;
}

/** Joins those who see what a running container prints, from here on. Throws UserError, in Docker's words, for others. */
export async function attachInForeground(container: Container, how: Foreground): Promise<number | undefined> {
  const { state, folder, roots } = container;
  const advice = ADVICE[state.status];
  if (advice) throw new UserError(`You cannot attach to a ${advice}`);
  const attachment = connectTo(folder.runtime, how.handlers);
  containerEvent(container, "attach");
  const { exitCode, detached } = await lend(attachment, how);
  if (detached) return undefined;
  return exitCode ?? waitForExit(roots, folder.id);
}

const STOPPED = "stopped container, start it first";
const ADVICE: Partial<Record<Container["state"]["status"], string>> = {
  created: STOPPED,
  exited: STOPPED,
  dead: STOPPED,
  removing: STOPPED,
  paused: "paused container, unpause it first",
  restarting: "restarting container, wait until it is running",
};

/** Without the monitor's word, because it was killed, what it has recorded has to do, if it has got that far. */
async function finish(roots: Roots, id: string, told: number | undefined): Promise<number> {
  const folder = readContainer(roots, id)?.folder;
  const exitCode = told ?? (folder && readExit(folder.exit)?.exitCode);
  await afterExit(roots, id).catch(ignoreGone);
  return exitCode ?? notKnown("container");
}

/** Throws UserError. */
export function notKnown(whose: "container" | "command"): never {
  const what = "what it printed since and how it ends is not known";
  throw new UserError(`the ${whose}'s monitor was killed: ${what}`, { exitCode: UNKNOWN_EXIT });
}
