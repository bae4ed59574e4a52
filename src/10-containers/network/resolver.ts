// The name server: one process for all containers, there while one of them asks. It may die and come back without their
// noticing more than a pause, since it owns nothing: the sockets are the monitors', what it knows is in a file. Whoever
// runs a command next starts it again.

import { join } from "node:path";
import {
  awaitStep,
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  goStep,
  type Launched,
  launch,
  type Plan,
  reap,
  step,
} from "../../01-syscalls/index.ts";
import { whileChanging } from "../../08-network/index.ts";
import { readText, writeFileAtomic } from "../files.ts";
import type { Roots } from "../folders.ts";
import { identify, isAlive, type ProcessId } from "../identity.ts";
import { commandLine } from "../on-exit-command.ts";
import { namesFile, noteNames } from "./names.ts";

export const processFile = ({ state }: Roots): string => join(state, "networks", "resolver.json");

/** Names have changed. The caller holds the lock of the networks. */
export function tellNames(roots: Roots): void {
  if (noteNames(roots) && !isRunning(roots)) startResolver(roots);
}

/** If it was killed, starts it again. */
export function mendResolver(roots: Roots): void {
  const isMissing = () => readText(namesFile(roots)) !== undefined && !isRunning(roots);
  if (isMissing()) whileChanging(roots.root, () => isMissing() && startResolver(roots));
}

function isRunning(roots: Roots): boolean {
  const text = readText(processFile(roots));
  return text !== undefined && isAlive(JSON.parse(text) as ProcessId);
}

/** It isn't waited for: whoever asks before it is there is answered a moment later. */
function startResolver(roots: Roots): void {
  const beforeGo = ({ pid }: Launched) => {
    writeFileAtomic(processFile(roots), JSON.stringify(identify(pid)), { skipSync: true });
  };
  try {
    reap(launch(resolverPlan(roots), { beforeGo }).launcherPid, true);
  } catch {
    // A container can do without names, and the next command tries again.
  }
}

function resolverPlan(roots: Roots): Plan {
  const argv = [...commandLine(roots), "internal", "resolver"];
  const env = process.env.PATH === undefined ? [] : [`PATH=${process.env.PATH}`];
  return {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "nothing of ours is needed" }),
      cloneStep({ flags: 0, why: "a process that answers questions for names" }),
    ],
    beside: [goStep("it is written down who it is")],
    inside: [
      awaitStep("somebody writes down who it is"),
      step("execve", [argv[0]!, { strings: argv }, { strings: env }], { why: "it becomes this engine's name server" }),
    ],
  };
}
