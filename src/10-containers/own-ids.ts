// An ordinary user to whom root has given ids is root of a namespace in which they exist: files can have owners there, images
// more than one user, and all that is written for root holds. So a command that needs this is carried out in there.
//
//   you: mini-docker run …
//   ──────────────────────
//   clone3(CLONE_NEWUSER) ─────────────────► wait
//   newuidmap, newgidmap
//   "go" ──────────────────────────────────► end
//   become the launcher
//   setns to the namespace of the one that waited
//   execve: the same command, as root, with your folders: make, start, look into, remove …
//
// It is the same process all along, as a shell sees it: its number, its terminal, its signals and its exit code.
//
// Nobody has a say in a namespace beside his own, though it be his own user's. So whoever comes later has to get into the one
// that containers run in: all who are in it are on record, or are a container's monitor, and any of them shows the way. With the
// last of them the namespace is gone, and the next command makes one. Who shows the way may end meanwhile, so it is held open.

import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import {
  awaitStep,
  become,
  CLONE,
  cloneStep,
  closeInheritedSteps,
  execveStep,
  goStep,
  launch,
  partSteps,
  reap,
  reg,
  type Step,
  setnsStep,
} from "../01-syscalls/index.ts";
import { becomeRootSteps, beginMapsFor, sharedKinds, type UserMap } from "../03-namespaces/index.ts";
import { makeFolder } from "../06-images/folder.ts";
import { containerIds, readContainer } from "./container.ts";
import { Lock, readText, writeFileAtomic } from "./files.ts";
import type { Roots } from "./folders.ts";
import { identify, isAlive, type ProcessId } from "./identity.ts";
import { commandEnvironment, commandLine } from "./on-exit-command.ts";

/** The map can't be written here, though files say that it may. */
export class NoSuchIds extends Error {}

/** This process becomes `mini-docker argv` in there; `atLast` is called just before. Throws NoSuchIds. */
export async function enterOwnIds(roots: Roots, map: UserMap, argv: string[], atLast: () => void): Promise<never> {
  makeFolder(roots.state);
  const lock = await Lock.take(join(roots.state, "inside.lock"));
  const others = recorded(roots).filter(isAlive);
  try {
    const recordUs = () => record(roots, [...others, identify(process.pid)!]);
    const known = openUsers(others) ?? openUsers(monitorsInside(roots));
    if (known !== undefined) recordUs();
    const users = known ?? newUsers(map, recordUs);
    atLast();
    // Whoever reads the record finds us inside: the lock is the launcher's until it has got there.
    become(listFor([...commandLine(roots), ...argv]), { users, lock: lock.fd });
  } catch (error) {
    record(roots, others);
    lock.close();
    throw error;
  }
}

/** A new namespace with this map, open. Whoever it was made with has ended. `meanwhile` is called while the map is written. */
function newUsers(map: UserMap, meanwhile: () => void): number {
  let users = -1;
  const { launcherPid } = launch(
    {
      before: [
        ...closeInheritedSteps(),
        cloneStep({ flags: CLONE.NEWUSER, why: "a namespace for the ids that root has given us" }),
      ],
      beside: [goStep("the ids are there")],
      inside: [awaitStep("newuidmap and newgidmap write the map"), ...partSteps("that was all")],
    },
    {
      beforeGo: ({ pid }) => {
        const end = beginMapsFor(pid, map);
        meanwhile();
        users = openSync(`/proc/${pid}/ns/user`, "r");
        const refusal = end();
        if (refusal === undefined) return;
        closeSync(users);
        throw new NoSuchIds(refusal);
      },
    },
  );
  reap(launcherPid, true);
  return users;
}

function listFor(command: string[]): Step[] {
  return [
    ...closeInheritedSteps(),
    setnsStep({ fd: reg("users"), flags: CLONE.NEWUSER, why: "where our containers are, and we are root" }),
    ...becomeRootSteps(),
    execveStep({
      path: command[0]!,
      argv: command,
      env: commandEnvironment(),
      why: "the same command, as root of the namespace",
    }),
  ];
}

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

function record(roots: Roots, inside: ProcessId[]): void {
  writeFileAtomic(recordIn(roots), JSON.stringify(inside), { skipSync: true });
}

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
