// Programs under the stopwatch (stopwatch.c).

import { spawnSync } from "node:child_process";
import type { Once } from "./measure.ts";

export interface Command {
  argv: string[];
  /** What it is run by, such as nsenter; that takes its time before the watch starts. */
  within?: string[];
  env?: NodeJS.ProcessEnv;
}

/** Runs it once. What it throws where it fails says what the program said. */
export function timed(stopwatch: string, { argv, within = [], env = process.env }: Command): Once {
  const [program = "", ...args] = [...within, stopwatch, ...argv];
  return () => {
    const { stdout, stderr, status } = spawnSync(program, args, { encoding: "utf8", env });
    if (status !== 0) throw new Error(`${argv.join(" ")} (status ${status}): ${stderr.trim().split("\n").at(-1)}`);
    return Number(stdout);
  };
}
