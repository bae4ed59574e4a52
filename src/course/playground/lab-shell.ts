// The shell behind the page's terminal: a lab of its own, with a terminal (pty(7)) of the container's own devpts, whose
// other side we hold through the container's monitor. What ends the lab is the end of its shell.

import { closeSync } from "node:fs";
import { reap } from "../../01-syscalls/index.ts";
import { ensureImage } from "../../06-images/index.ts";
import { afterExit } from "../../10-containers/after-exit.ts";
import { createContainer } from "../../10-containers/create.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { removeContainer } from "../../10-containers/remove.ts";
import { startExisting } from "../../10-containers/restart.ts";
import type { RunOptions } from "../../10-containers/spec/options.ts";
import { Attachment } from "../../10-containers/streams/attach.ts";
import { clientSocket } from "../../10-containers/streams/client-socket.ts";
import { labOptions } from "../lab.ts";
import { ourMark } from "./ours.ts";

export interface Size {
  rows: number;
  columns: number;
}

export interface Shell {
  /** Of the lab's container. */
  id: string;
  write(bytes: Buffer): void;
  resize(size: Size): void;
  /** Settles when the shell has ended and its lab is gone. */
  ended: Promise<void>;
  /** Takes the lab away, whatever runs in it. */
  close(): Promise<void>;
}

export interface ShellRequest {
  /** The student's folder. */
  workshop: string;
  size: Size;
  onOutput(bytes: Buffer): void;
}

/** Throws what making a container throws. */
export async function startLabShell(roots: Roots, request: ShellRequest): Promise<Shell> {
  const image = await ensureImage(roots.root, "base");
  const { record } = await createContainer(roots, image, shellOptions(request));
  const { id } = record;
  try {
    return await attached(roots, id, request);
  } catch (error) {
    await removeContainer(roots, id, { force: true }).catch(() => {});
    throw error;
  }
}

async function attached(roots: Roots, id: string, { size, onOutput }: ShellRequest): Promise<Shell> {
  const { ours, theirs } = clientSocket();
  try {
    const launched = await startExisting(roots, id, { client: theirs, size });
    const attachment = new Attachment(ours, { stdout: onOutput, stderr: onOutput });
    const ended = attachment.ended.then(async () => {
      if (launched) reap(launched.launcherPid, true);
      await afterExit(roots, id).catch(() => {});
    });
    return {
      id,
      write: (bytes) => attachment.stdin(bytes),
      resize: ({ rows, columns }) => attachment.resize(rows, columns),
      ended,
      close: async () => {
        await removeContainer(roots, id, { force: true }).catch(() => {});
        await ended;
      },
    };
  } catch (error) {
    closeSync(ours);
    throw error;
  } finally {
    closeSync(theirs);
  }
}

/**
 * A lab whose command is a shell, not one of ours. All it needs to begin with it has as variables. Each prompt tells the
 * page, with a sequence that terminals don't show (OSC 133;A), that the command before it has ended: only then does the
 * page type the next one.
 */
function shellOptions({ workshop }: ShellRequest): RunOptions {
  const options = labOptions({ folders: [workshop], tty: true, interactive: true, command: [] });
  const program = options.command.slice(0, 3).join(" ");
  const prompt = "\\[\\033]133;A\\007\\]\\[\\033[32m\\]lab\\[\\033[0m\\] \\w \\$ ";
  const variables = [`PS1=${prompt}`, `BASH_FUNC_mini-docker%%=() { ${program} "$@"; }`, "HISTFILE=", "LANG=C.UTF-8"];
  return {
    ...options,
    command: ["bash", "--norc", "-i"],
    workdir: workshop,
    labels: ourMark(),
    env: [...options.env, ...variables, "TERM=xterm-256color"],
  };
}
