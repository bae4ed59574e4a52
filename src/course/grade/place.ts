// Where a runtime is started: here on the machine, or in a lab (lab-place.ts). The grader itself is always outside.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, mkdtempSync, openSync, realpathSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Roots } from "../../10-containers/folders.ts";
import { begin, type Unfinished } from "../unfinished.ts";
import { TOKEN } from "./leftovers.ts";
import { requireNoMounts } from "./mounts-below.ts";

export interface StartOptions {
  /** Besides what is usual there. */
  env: Record<string, string>;
  /** A file, in that place, that is to be open at this descriptor. */
  open?: { fd: number; path: string } | undefined;
}

export interface StartedRuntime {
  /** As the grader sees it. */
  pid: number;
  /** The exit code, 128+n after signal n. */
  ended: Promise<number>;
  /** What it has printed so far, of both its streams. */
  printed(): string;
  /** Ends it and what it has started. */
  kill(): void;
}

export interface Place {
  /** The folder that belongs to this check, by its path in that place. */
  folder: string;
  /** A process whose mounts are those of the place. */
  pid: number;
  start(argv: string[], options: StartOptions): Promise<StartedRuntime>;
  /** Runs a shell script in that place, and returns what it prints. Throws Error if it fails. */
  shell(script: string): Promise<string>;
  /** Takes the folder away. Throws UserError while something is mounted in it. */
  close(): Promise<void>;
}

/** Here. The runtime is one of our own processes, with our user's power. */
export function hostPlace(roots: Pick<Roots, "state">): Place {
  // The kernel tells of mounts by their real paths.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "check-")));
  // Who runs in a user namespace, or after sudo, is somebody else.
  chmodSync(folder, 0o755);
  return placeIn(folder, begin(roots, { folder }));
}

/** The same in a folder that there is. */
export function placeIn(folder: string, unfinished?: Unfinished): Place {
  const runtimes: StartedRuntime[] = [];
  const clean = () => {
    for (const runtime of runtimes) runtime.kill();
    requireNoMounts(process.pid, folder);
    execFileSync("rm", ["-rf", "--one-file-system", folder]);
    unfinished?.end();
  };
  // Somebody who presses Ctrl-C twice doesn't wait for anything that is in order.
  const cleanAtLast = () => {
    try {
      clean();
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
    }
  };
  process.once("exit", cleanAtLast);
  return {
    folder,
    pid: process.pid,
    start: async (argv, options) => {
      const probe = options.env[TOKEN];
      if (probe !== undefined) unfinished?.note({ probe });
      const runtime = await startHere(argv, options);
      runtimes.push(runtime);
      return runtime;
    },
    shell: runShell,
    close: async () => {
      process.off("exit", cleanAtLast);
      clean();
    },
  };
}

/** In a session of its own: Ctrl-C is ours to answer, and with the group all of it can be ended. */
async function startHere([program = "", ...args]: string[], { env, open }: StartOptions): Promise<StartedRuntime> {
  const fd = open && openSync(open.path, "r");
  const gap = open ? Array<"ignore">(open.fd - 3).fill("ignore") : [];
  try {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe", ...gap, ...(fd === undefined ? [] : [fd])],
      detached: true,
    });
    const text = new Tail();
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes: Buffer) => text.add(bytes));
    await once(child, "spawn");
    const pid = child.pid!;
    return { pid, ended: exitCodeOf(child), printed: () => text.text, kill: () => killGroup(pid) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const LAST_WORDS_MS = 200;

/** Once it has ended and all that it printed is here; who it left behind may have its output open for ever. */
async function exitCodeOf(child: ChildProcess): Promise<number> {
  const isClosed = once(child, "close");
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  await Promise.race([isClosed, sleep(LAST_WORDS_MS)]);
  return code ?? 128 + constants.signals[signal!];
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

const MOST = 1 << 20;

/** The end of an output. */
export class Tail {
  private pieces = "";

  add(bytes: Buffer): void {
    this.pieces = (this.pieces + bytes.toString()).slice(-MOST);
  }

  get text(): string {
    return this.pieces;
  }
}

function runShell(script: string): Promise<string> {
  const child = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "pipe", "pipe"] });
  const [said, complained] = [new Tail(), new Tail()];
  child.stdout.on("data", (bytes: Buffer) => said.add(bytes));
  child.stderr.on("data", (bytes: Buffer) => complained.add(bytes));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve(said.text) : reject(new Error(complained.text))));
  });
}
