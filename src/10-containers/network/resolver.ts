// The name server: one process for all containers, there while one of them asks. It may die and come back without their
// noticing more than a pause, since it owns nothing: the sockets are the monitors', what it knows is in a file. Whoever
// runs a command next starts it again.

import { existsSync, statSync, watch } from "node:fs";
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
  perform,
  reap,
  step,
} from "../../01-syscalls/index.ts";
import { serveNames, takeNameSocketsSteps, whileChanging } from "../../08-network/index.ts";
import { readText, removeFile, writeFileAtomic } from "../files.ts";
import type { Roots } from "../folders.ts";
import { identify, isAlive, type ProcessId } from "../identity.ts";
import { commandLine } from "../on-exit-command.ts";
import { type Asking, knowledgeOf, type NameTable, namesFile, noteNames, readNames } from "./names.ts";

const processFile = ({ state }: Roots): string => join(state, "networks", "resolver.json");

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

// ---- in there

/** Answers until nobody asks any more. */
export async function serveResolver(roots: Roots): Promise<number> {
  // A folder that is gone is watched no more; and it goes with the last network.
  const changes = watch(join(roots.state, "networks"));
  const served = new Map<string, { close(): void; asking: string }>();
  let table = readNames(roots);
  let seen = stampOf(roots);
  /** What a command has changed before a question is asked is in its answer. */
  const current = () => {
    const stamp = stampOf(roots);
    if (stamp !== seen) [table, seen] = [readNames(roots), stamp];
    return table;
  };
  const knowledge = (id: string) => () => {
    const asking = current().containers[id];
    return asking ? knowledgeOf(table, asking) : NOTHING;
  };
  serveAll(current(), served, knowledge);
  await new Promise<void>((resolve) => {
    changes.on("change", () => {
      serveAll(current(), served, knowledge);
      if (isOver(roots, served.size)) resolve();
    });
    changes.on("error", () => resolve());
    if (isOver(roots, served.size)) resolve();
  });
  changes.close();
  return 0;
}

/** Nobody asks, and whoever starts to from here on knows that there is nobody to answer. */
function isOver(roots: Roots, served: number): boolean {
  if (served > 0) return false;
  if (!existsSync(join(roots.root, "networks"))) return true;
  return whileChanging(roots.root, () => {
    const isAsked = Object.keys(readNames(roots).containers).length > 0;
    if (!isAsked) removeFile(processFile(roots));
    return !isAsked;
  });
}

const NOTHING = { lookUp: () => undefined, servers: [] };

/** Which file it is; empty where there is none. */
function stampOf(roots: Roots): string {
  const found = statSync(namesFile(roots), { throwIfNoEntry: false, bigint: true });
  return found ? `${found.ino} ${found.mtimeNs}` : "";
}

/** Those who have come are served from now on, and those who have gone are no more. */
function serveAll(
  { containers }: NameTable,
  served: Map<string, { close(): void; asking: string }>,
  knowledge: (id: string) => Parameters<typeof serveNames>[1],
): void {
  for (const [id, { close, asking }] of served) {
    if (containers[id] && whoseOf(containers[id]) === asking) continue;
    close();
    served.delete(id);
  }
  for (const [id, asking] of Object.entries(containers)) {
    if (served.has(id)) continue;
    const sockets = socketsOf(asking);
    if (sockets) served.set(id, { ...serveNames(sockets, knowledge(id)), asking: whoseOf(asking) });
  }
}

const whoseOf = ({ monitor, sockets }: Asking): string => JSON.stringify([monitor, sockets]);

/** Undefined where it has just ended. */
function socketsOf({ monitor, sockets }: Asking): { udp: number; tcp: number } | undefined {
  try {
    const taken = perform(takeNameSocketsSteps(monitor.pid, sockets));
    return { udp: taken["names-udp"]!, tcp: taken["names-tcp"]! };
  } catch {
    return undefined;
  }
}
