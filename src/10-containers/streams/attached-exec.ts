// `exec` without -d: like `run` in the foreground, for one more process of a container.

import { closeSync } from "node:fs";
import { join } from "node:path";
import { reap } from "../../01-syscalls/index.ts";
import type { Container } from "../container.ts";
import { containerEvent } from "../container-events.ts";
import { type Exec, type ExecOptions, startExec } from "../exec.ts";
import type { Watch } from "../explain/watch.ts";
import { readExit } from "../settle.ts";
import { Attachment } from "./attach.ts";
import { clientSocket } from "./client-socket.ts";
import { type Foreground, notKnown } from "./foreground.ts";
import { lendTerminal, terminalSize } from "./terminal.ts";

/** Starts the process and stays with it. Its exit code; undefined when the person let go of it. */
export async function execInForeground(
  container: Container,
  options: ExecOptions,
  how: Omit<Foreground, "start"> & Watch,
): Promise<number | undefined> {
  const { ours, theirs } = clientSocket();
  const size = options.tty ? terminalSize() : undefined;
  let exec: Exec;
  try {
    exec = await startExec(container, options, { client: theirs, ...(size && { size }), ...how });
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
  reap(exec.launched.launcherPid, true);
  const code = exitCode ?? readExit(join(exec.folder, "exit.json"))?.exitCode ?? notKnown("command");
  containerEvent(container, "exec_die", { execID: exec.id, exitCode: String(code) });
  return code;
}
