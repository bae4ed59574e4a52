// An ordinary user to whom root has given ids is root of a namespace in which they exist: files can have owners there, images
// more than one user, and all that is written for root holds. So a command that needs this is carried out once more, in there.
//
//   you: mini-docker run …                   root of your namespace: mini-docker run …
//   ──────────────────────                   ─────────────────────────────────────────
//   clone3(CLONE_NEWUSER) ─────────────────► wait
//   newuidmap, newgidmap
//   "go" ──────────────────────────────────► execve: the same command, as root, with your folders
//   its exit code ◄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ make, start, look into, remove …
//
// Nobody has a say in a namespace beside his own, though it be his own user's. So whoever comes later has to get into the one
// that containers run in: all who are in it are on record, or are a container's monitor, and any of them shows the way. With the
// last of them the namespace is gone, and the next command makes one. Who shows the way may end meanwhile, so it is held open.

import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import {
  awaitStep,
  CLONE,
  cloneStep,
  closeInheritedSteps,
  execveStep,
  exitCodeOf,
  goStep,
  type Launched,
  launch,
  type Plan,
  reap,
  reg,
  setnsStep,
} from "../01-syscalls/index.ts";
import { becomeRootSteps, sharedKinds, type UserMap, writeMapsFor } from "../03-namespaces/index.ts";
import { makeFolder } from "../06-images/index.ts";
import { containerIds, readContainer } from "./container.ts";
import { Lock, readText, writeFileAtomic } from "./files.ts";
import type { Roots } from "./folders.ts";
import { identify, isAlive, type ProcessId } from "./identity.ts";
import { commandEnvironment, commandLine } from "./on-exit-command.ts";
import { signalsPassedOn } from "./runtime/pass-signals.ts";
import { isTerminal } from "./streams/is-terminal.ts";

/** The map can't be written here, though files say that it may. */
export class NoSuchIds extends Error {}

/** Carries `mini-docker argv` out in there, and returns its exit code. Throws NoSuchIds. */
export async function inOwnIds(roots: Roots, map: UserMap, argv: string[]): Promise<number> {
  makeFolder(roots.state);
  const lock = await Lock.take(join(roots.state, "inside.lock"));
  const begun = begin(roots, map, argv);
  lock.close();
  const stop = signalsPassedOn(begun, isTerminal(0) || isTerminal(1));
  try {
    return await exitCodeOf(begun);
  } finally {
    stop();
  }
}

function begin(roots: Roots, map: UserMap, argv: string[]): number {
  const others = recorded(roots).filter(isAlive);
  const users = openUsers(others) ?? openUsers(monitorsInside(roots));
  const isNew = users === undefined;
  const beforeGo = ({ pid }: Launched) => {
    const refusal = isNew ? writeMapsFor(pid, map) : undefined;
    if (refusal !== undefined) throw new NoSuchIds(refusal);
    writeFileAtomic(recordIn(roots), JSON.stringify([...others, identify(pid)]), { skipSync: true });
  };
  try {
    const { pid, launcherPid } = launch(planFor([...commandLine(roots), ...argv], isNew), {
      beforeGo,
      keepStdio: true,
      // What is typed at a terminal reaches both of us; the end of the other is ours.
      keepSession: true,
      ...(!isNew && { fds: { users } }),
    });
    reap(launcherPid, true);
    return pid;
  } finally {
    if (!isNew) closeSync(users);
  }
}

function planFor(command: string[], isNew: boolean): Plan {
  const why = "a process with the ids that root has given us";
  return {
    before: [
      ...closeInheritedSteps(),
      ...(isNew ? [] : [joinStep()]),
      cloneStep({ flags: CLONE.PARENT | (isNew ? CLONE.NEWUSER : 0), why }),
    ],
    beside: [goStep("the ids are there")],
    inside: [
      awaitStep("newuidmap and newgidmap write the map"),
      ...becomeRootSteps(),
      execveStep({
        path: command[0]!,
        argv: command,
        env: commandEnvironment(),
        why: "the same command, as root of the namespace",
      }),
    ],
  };
}

const joinStep = () => {
  return setnsStep({ fd: reg("users"), flags: CLONE.NEWUSER, why: "where our containers are, and we are root" });
};

/** The namespace of the first of these that is still there. */
function openUsers(processes: ProcessId[]): number | undefined {
  for (const each of processes) {
    try {
      const fd = openSync(`/proc/${each.pid}/ns/user`, "r");
      if (isAlive(each)) return fd;
      closeSync(fd);
    } catch {
      // It has just ended.
    }
  }
  return undefined;
}

const recordIn = ({ state }: Roots): string => join(state, "inside.json");

function recorded(roots: Roots): ProcessId[] {
  return JSON.parse(readText(recordIn(roots)) ?? "[]");
}

/** Of a container with one id the monitor is where we are, or where there is one id. */
function monitorsInside(roots: Roots): ProcessId[] {
  const monitors = containerIds(roots).map((id) => readContainer(roots, id)?.state.monitor);
  return monitors.filter(isAlive).filter(({ pid }) => hasManyIds(pid));
}

function hasManyIds(pid: number): boolean {
  const rows = readText(`/proc/${pid}/uid_map`)?.trim().split("\n") ?? [];
  return rows.length > 1 && !sharedKinds("self", pid).includes("user");
}
