// A process that was started in a lab: its output comes here, what is typed goes there. It is one of the container's, made
// as `exec` makes them.

import { closeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { reap } from "../../01-syscalls/index.ts";
import type { Container } from "../../10-containers/container.ts";
import { startExec } from "../../10-containers/exec.ts";
import { readExit } from "../../10-containers/settle.ts";
import { Attachment } from "../../10-containers/streams/attach.ts";
import { clientSocket } from "../../10-containers/streams/client-socket.ts";

export interface LabExec {
  /** Absolute; the lab's home unless said. */
  cwd?: string;
  /** Besides the lab's own. */
  env?: Record<string, string>;
  /** With a terminal of this size: stdout and stderr are one then. */
  tty?: { rows: number; columns: number };
  /** Somebody will write to it; otherwise its stdin is /dev/null. A terminal always has input. */
  input?: boolean;
  stdout?(bytes: Buffer): void;
  stderr?(bytes: Buffer): void;
}

export interface LabProcess {
  /** On the machine, where it can be looked at: /proc/PID. */
  pid: number;
  write(bytes: Buffer | string): void;
  /** The end of its input. */
  end(): void;
  resize(rows: number, columns: number): void;
  signal(name: NodeJS.Signals): void;
  /** The exit code, 128+n after signal n; undefined where nobody can tell. Everything it printed has come before. */
  ended: Promise<number | undefined>;
}

/** Throws StartError if there is no such program, UserError if the lab has ended. */
export async function startInLab(lab: Container, argv: string[], options: LabExec = {}): Promise<LabProcess> {
  const { cwd, env = {}, tty, input = false } = options;
  const asked = {
    command: argv,
    tty: tty !== undefined,
    interactive: input || tty !== undefined,
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...(cwd !== undefined && { workdir: cwd }),
    privileged: false,
    detach: false,
  };
  const { ours, theirs } = clientSocket();
  try {
    const { folder, launched } = await startExec(lab, asked, { client: theirs, ...(tty && { size: tty }) });
    const attachment = new Attachment(ours, { stdout: options.stdout ?? ignore, stderr: options.stderr ?? ignore });
    const ended = attachment.ended.then(({ exitCode }) => {
      reap(launched.launcherPid, true);
      return exitCode ?? readExit(join(folder, "exit.json"))?.exitCode;
    });
    return processOf(launched.pid, attachment, ended);
  } catch (error) {
    closeSync(ours);
    throw error;
  } finally {
    closeSync(theirs);
  }
}

function processOf(pid: number, attachment: Attachment, ended: LabProcess["ended"]): LabProcess {
  return {
    pid,
    write: (bytes) => void attachment.stdin(Buffer.from(bytes)),
    end: () => attachment.closeStdin(),
    resize: (rows, columns) => attachment.resize(rows, columns),
    signal: (name) => attachment.signal(constants.signals[name]),
    ended,
  };
}

function ignore(): void {}
