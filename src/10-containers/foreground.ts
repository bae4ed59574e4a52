// `run` without -d: the container's output is ours from its first byte, and its exit code becomes ours.

import { closeSync } from "node:fs";
import { type Launched, reap } from "../01-syscalls/index.ts";
import { afterExit } from "./after-exit.ts";
import { type AttachHandlers, Attachment } from "./attach.ts";
import { clientSocket } from "./client-socket.ts";
import { locked, readContainer } from "./container.ts";
import type { Roots } from "./folders.ts";
import { readExit } from "./settle.ts";
import { type StartOptions, startContainer } from "./start.ts";
import { ignoreGone } from "./stop.ts";
import { type Lending, lendTerminal, terminalSize } from "./terminal.ts";
import type { Watch } from "./watch.ts";

export interface Foreground extends Lending {
  handlers: AttachHandlers;
  start?: Pick<StartOptions, keyof Watch | "onWarning">;
}

/** Starts the container and stays with it. The exit code; undefined when the person let go of it. */
export async function runInForeground(roots: Roots, id: string, how: Foreground): Promise<number | undefined> {
  const { ours, theirs } = clientSocket();
  const size = how.tty ? terminalSize() : undefined;
  let launched: Launched;
  try {
    launched = await locked(roots, id, (container) =>
      startContainer(container, { ...how.start, client: theirs, ...(size && { size }) }),
    );
  } catch (error) {
    closeSync(ours);
    throw error;
  } finally {
    closeSync(theirs);
  }
  const attachment = new Attachment(ours, how.handlers);
  const giveBack = lendTerminal(attachment, how);
  const { exitCode, detached } = await attachment.ended;
  giveBack();
  if (detached) return undefined;
  reap(launched.launcherPid, true);
  return finish(roots, id, exitCode);
}

/** Without the monitor's word, because it was killed, the recorded state has to do. */
async function finish(roots: Roots, id: string, exitCode: number | undefined): Promise<number> {
  const folder = readContainer(roots, id)?.folder;
  const recorded = folder && readExit(folder.exit)?.exitCode;
  await afterExit(roots, id).catch(ignoreGone);
  return exitCode ?? recorded ?? readContainer(roots, id)?.state.exitCode ?? 0;
}
