// What is attacked: something that makes a container of an image and of `run`'s flags, and lets others enter it. It may be
// this engine, or another runtime that is given our bundle of the same container (bundle-out.ts); each is called as people
// call it, as a program of its own.

import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

export interface Target {
  name: string;
  /** The file that is run on the host when a container is made or entered. */
  program: string;
  /** It has images, `cp` and monitors, and not only containers. */
  isEngine: boolean;
  /** Makes a container, waits for its end, and removes it. */
  run(wish: Wish): Promise<Said>;
  /** Makes one that goes on. */
  start(wish: Wish): Promise<Standing>;
}

export interface Wish {
  /** "base" unless said. */
  image?: string;
  /** As `run` takes them. */
  flags?: readonly string[];
  command: readonly string[];
  /** Descriptors that the runtime is started with, from 3 on. */
  open?: readonly number[];
}

/** A container that runs. */
export interface Standing {
  exec(command: readonly string[], how?: { open?: readonly number[]; workdir?: string; user?: string }): Promise<Said>;
  /** What its first process has printed so far. */
  output(): Promise<string>;
  /** Its first process, by its number on the host. */
  pid(): Promise<number>;
  end(): Promise<void>;
}

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Longer than anything here takes: who waits for ever has been made to. */
const PATIENCE_MS = 60_000;

/** Calls a program and waits for its end. The code is 128+n if a signal ended it. */
export async function call(argv: readonly string[], open: readonly number[] = []): Promise<Said> {
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", ...open];
  const child = spawn(argv[0]!, argv.slice(1), { stdio, timeout: PATIENCE_MS, killSignal: "SIGKILL" });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout!), text(child.stderr!), exitCode(child)]);
  return { code, stdout, stderr };
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 128)));
  });
}

/** Starts a container, does something with it, and ends it. */
export async function whileStanding<T>(
  target: Target,
  wish: Wish,
  work: (standing: Standing) => Promise<T>,
): Promise<T> {
  const standing = await target.start(wish);
  try {
    return await work(standing);
  } finally {
    await standing.end();
  }
}

/** What a container's first process has printed, as soon as that matches; it is waited for. */
export async function printed(standing: Standing, pattern: RegExp): Promise<string> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const output = await standing.output();
    if (pattern.test(output)) return output;
    await sleep(10);
  }
  throw new Error(`it never printed ${pattern}`);
}
