// Runs a lesson's consoles in their order, as a reader would, and tells what each printed. Two shells: one in the lab, one
// outside of it.

import { findMachine } from "../../04-cgroups/index.ts";
import { outputLines } from "./compare.ts";
import { type Console, consolesOf, type Exchange, type Lesson, type MachineKind } from "./lesson.ts";
import { openShell, type Shell, type StartShell } from "./shell.ts";

export interface Places {
  host: StartShell;
  /** Undefined where there can be none: what needs it isn't run. */
  lab?: StartShell | undefined;
}

export interface Rehearsed {
  block: Console;
  came: Exchange[];
}

const COMMAND_MS = 60_000;

/** Console by console, as they end. Throws Error for a command that takes longer than a reader would wait. */
export async function* rehearse(lesson: Lesson, { host, lab }: Places): AsyncGenerator<Rehearsed> {
  const outside = openShell(host);
  const inside = lab && openShell(lab);
  try {
    for (const block of consolesOf(lesson)) {
      const shell = block.isHost ? outside : inside;
      if (shell) yield { block, came: await exchangesIn(shell, block) };
    }
  } finally {
    await outside.close();
    await inside?.close();
  }
}

async function exchangesIn(shell: Shell, { exchanges, line }: Console): Promise<Exchange[]> {
  const came: Exchange[] = [];
  for (const { command } of exchanges) {
    const { output, isLate } = await shell.run(command, COMMAND_MS);
    if (isLate) throw new Error(`line ${line}: after ${COMMAND_MS / 1000} s this hasn't ended: ${command}\n${output}`);
    came.push({ command, output: outputLines(output) });
  }
  return came;
}

/** Which of a console's variants is for this machine. */
export function machineKind(): MachineKind {
  const versions = new Set(findMachine().hierarchies.map(({ version }) => version));
  return versions.size === 2 ? "hybrid" : versions.has(1) ? "v1" : "v2";
}
