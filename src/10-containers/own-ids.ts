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
// last of them the namespace is gone, and the next command makes one.

import { join } from "node:path";
import { isatty } from "node:tty";
import {
  awaitStep,
  CLONE,
  cloneStep,
  closeInheritedSteps,
  execveStep,
  goStep,
  type Launched,
  launch,
  O,
  openStep,
  type Plan,
  reap,
  reg,
  type Step,
  setnsStep,
} from "../01-syscalls/index.ts";
import { becomeRootSteps, sharedKinds, type UserMap, writeMapsFor } from "../03-namespaces/index.ts";
import { makeFolder } from "../06-images/index.ts";
import { exitCodeOf } from "./child.ts";
import { containerIds, readContainer } from "./container.ts";
import { Lock, readText, writeFileAtomic } from "./files.ts";
import type { Roots } from "./folders.ts";
import { identify, isAlive, type ProcessId } from "./identity.ts";
import { commandLine } from "./on-exit-command.ts";
import { signalsPassedOn } from "./runtime/pass-signals.ts";

/** The map can't be written here, though files say that it may. */
export class NoSuchIds extends Error {}

/** Carries `mini-docker argv` out in there, and returns its exit code. Throws NoSuchIds. */
export async function inOwnIds(roots: Roots, map: UserMap, argv: string[]): Promise<number> {
  makeFolder(roots.state);
  const lock = await Lock.take(join(roots.state, "inside.lock"));
  const begun = begin(roots, map, argv);
  lock.close();
  const stop = signalsPassedOn(begun, isatty(0) || isatty(1));
  try {
    return await exitCodeOf(begun);
  } finally {
    stop();
  }
}

function begin(roots: Roots, map: UserMap, argv: string[]): number {
  const others = recorded(roots).filter(isAlive);
  const one = others[0]?.pid ?? monitorInside(roots);
  const beforeGo = ({ pid }: Launched) => {
    const refusal = one === undefined ? writeMapsFor(pid, map) : undefined;
    if (refusal !== undefined) throw new NoSuchIds(refusal);
    writeFileAtomic(recordIn(roots), JSON.stringify([...others, identify(pid)]), { skipSync: true });
  };
  const { pid, launcherPid } = launch(planFor([...commandLine(roots), ...argv], one), {
    beforeGo,
    keepStdio: true,
    // What is typed at a terminal reaches both of us; the end of the other is ours.
    keepSession: true,
  });
  reap(launcherPid, true);
  return pid;
}

function planFor(command: string[], one: number | undefined): Plan {
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const why = "a process with the ids that root has given us";
  return {
    before: [
      ...closeInheritedSteps(),
      ...(one === undefined ? [] : joinSteps(one)),
      cloneStep({ flags: CLONE.PARENT | (one === undefined ? CLONE.NEWUSER : 0), why }),
    ],
    beside: [goStep("the ids are there")],
    inside: [
      awaitStep("newuidmap and newgidmap write the map"),
      ...becomeRootSteps(),
      execveStep({ path: command[0]!, argv: command, env, why: "the same command, as root of the namespace" }),
    ],
  };
}

function joinSteps(pid: number): Step[] {
  return [
    openStep({
      path: `/proc/${pid}/ns/user`,
      flags: O.RDONLY,
      why: "the namespace our containers are in",
      as: "users",
    }),
    setnsStep({ fd: reg("users"), flags: CLONE.NEWUSER, why: "where we are root, since we have made it" }),
  ];
}

const recordIn = ({ state }: Roots): string => join(state, "inside.json");

function recorded(roots: Roots): ProcessId[] {
  return JSON.parse(readText(recordIn(roots)) ?? "[]");
}

/** Of a container with one id the monitor is where we are, or where there is one id. */
function monitorInside(roots: Roots): number | undefined {
  const monitors = containerIds(roots).map((id) => readContainer(roots, id)?.state.monitor);
  return monitors.filter(isAlive).find(({ pid }) => hasManyIds(pid))?.pid;
}

function hasManyIds(pid: number): boolean {
  const rows = readText(`/proc/${pid}/uid_map`)?.trim().split("\n") ?? [];
  return rows.length > 1 && !sharedKinds("self", pid).includes("user");
}
