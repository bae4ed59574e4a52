// The same questions in a container, by the command that a reader types: once to hear them answered, and a few
// times more to be told how much of the time is the kernel's: the shortest was disturbed the least.

import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Side } from "./machine.ts";
import { Listener, QUESTIONS } from "./questions.ts";

/** Neither side has a network. */
const ALONE = ["--rm", "--network", "none"];

/** `engine` is this program with its options, up to the verb. */
export async function askContainer(engine: readonly string[]): Promise<Omit<Side, "fileBytes">> {
  const [program, ...words] = [...engine, "run", ...ALONE, "base", "sh", "-c", QUESTIONS];
  const listener = new Listener();
  const child = spawn(program!, words, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) listener.line(line);
  const { residentBytes, uptimeMs: _, ...heard } = listener.heard;
  return { ...heard, kernelMs: leastKernelMs(engine), memoryBytes: residentBytes };
}

/** On a slow machine, one time has to do. */
const ENOUGH_MS = 2000;

function leastKernelMs(engine: readonly string[]): number {
  const began = performance.now();
  const times = [kernelMs(engine)];
  while (times.length < 3 && performance.now() - began < ENOUGH_MS) times.push(kernelMs(engine));
  return Math.min(...times);
}

const UNITS: Record<string, number> = { µs: 1e-3, ms: 1, s: 1e3 };

/** What `--explain` adds up. */
function kernelMs(engine: readonly string[]): number {
  const [program, ...words] = [...engine, "run", ...ALONE, "--explain", "base", "true"];
  const { stderr } = spawnSync(program!, words, { encoding: "utf8" });
  const [, value, unit = "ms"] = /system calls, ([\d.]+) (\S+) in the kernel/.exec(stderr) ?? [];
  return Number(value) * UNITS[unit]!;
}
