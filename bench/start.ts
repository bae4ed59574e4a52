// A start as the launcher has it: from a process that is warm to the end of `true`. Compared with the same system calls in
// straight C (floor.ts), and with the programs that docker and podman leave this to.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { floorSource } from "./floor.ts";
import { medians, type Once } from "./measure.ts";
import type { Runtime } from "./peers.ts";
import { timed } from "./stopwatch.ts";
import { firstDifference, planCalls, traced } from "./straces.ts";
import { milliseconds, type Row } from "./table.ts";
import type { Warm } from "./warm.ts";

export interface Starts {
  folder: string;
  compiled: (source: string) => string;
  stopwatch: string;
  warm: Warm;
  /** The same container's bundle. */
  bundle: string;
  runtimes: Runtime[];
  rounds: number;
  /** Starts the container once in a process of its own. */
  onceMore: string[];
}

export async function startRow({ folder, compiled, stopwatch, warm, bundle, runtimes, rounds }: Starts): Promise<Row> {
  const contenders: Record<string, Once> = {
    floor: floorOf(folder, compiled, warm),
    ours: () => warm.start(),
    ...Object.fromEntries(runtimes.map((each) => [each.name, timed(stopwatch, each.start(bundle))])),
  };
  const { floor = 0, ours = 0, ...others } = await medians(contenders, rounds);
  return {
    work: "launch to exit of `true`, from a warm process",
    ours: milliseconds(ours),
    against: `the same calls in C ${milliseconds(floor)}`,
    ratio: ours / floor,
    wanted: "≤ 2.5",
    others: Object.fromEntries(Object.entries(others).map(([name, took]) => [name, milliseconds(took)])),
  };
}

function floorProgram(folder: string, compiled: Starts["compiled"], { plan }: Warm): string {
  const source = join(folder, "floor.c");
  writeFileSync(source, floorSource(plan));
  return compiled(source);
}

function floorOf(folder: string, compiled: Starts["compiled"], warm: Warm): Once {
  const program = floorProgram(folder, compiled, warm);
  return () => Number(execFileSync(program, ["1", ...warm.groups], { encoding: "utf8" }));
}

/** One line on whether the floor and the launcher make the same calls. */
export function comparison({ folder, compiled, warm, onceMore }: Starts): string {
  const floor = traced(folder, [floorProgram(folder, compiled, warm), "1", ...warm.groups]);
  const ours = traced(folder, onceMore);
  if (!floor || !ours) return "strace is not installed: the calls of floor and launcher are not compared";
  const [one, other] = [planCalls(floor), planCalls(ours)];
  const difference = firstDifference(one, other);
  return difference
    ? `floor and launcher differ (${one.length} and ${other.length} calls), first at ${difference}`
    : `floor and launcher make the same ${one.length} calls in the same order, as strace sees them`;
}
