// Stopping all processes of a group where they stand, unlike SIGSTOP without their noticing: that is `pause`.
//
//                 v2                                      v1, the freezer controller
//   freeze        cgroup.freeze ← 1                       freezer.state ← FROZEN
//   it is done    cgroup.events says "frozen 1"           freezer.state no longer says FREEZING
//   a kill        is obeyed while frozen                  waits for the thaw

import { UserError } from "../01-syscalls/index.ts";
import { parseFlat, readText, writeText } from "./files.ts";
import { findDirectory, type Group, v2Directory } from "./group.ts";
import { until } from "./wait.ts";

const LONG_MS = 10_000;

/** Resolves when every process stands still. Throws, with the group running again, if that doesn't happen in time. */
export async function freezeGroup(group: Group, timeoutMs: number = LONG_MS): Promise<void> {
  const { ask, isFrozen } = freezerOf(group);
  // v1 can miss a process that is just being made, and stays at FREEZING: asking again is its documented cure.
  const isDone = () => {
    if (!ask(true)) throw new Error(`the group ${group.path} is gone`);
    return isFrozen();
  };
  if (await until(isDone, timeoutMs)) return;
  ask(false);
  throw new Error(`the processes of ${group.path} did not stop within ${timeoutMs} ms`);
}

/** A group that is gone is fine. */
export function thawGroup(group: Group): void {
  freezerOf(group).ask(false);
}

/** Also `false` for a group that is gone, or that has no freezer. */
export function isFrozen(group: Group): boolean {
  return hasFreezer(group) && freezerOf(group).isFrozen();
}

export function hasFreezer(group: Group): boolean {
  return v2Directory(group) !== undefined || findDirectory(group, "freezer") !== undefined;
}

interface Freezer {
  /** `false` where the group is gone. */
  ask(toFreeze: boolean): boolean;
  isFrozen(): boolean;
}

function freezerOf(group: Group): Freezer {
  const v2 = v2Directory(group);
  if (v2 !== undefined) {
    return {
      ask: (toFreeze) => writeText(`${v2}/cgroup.freeze`, toFreeze ? "1" : "0"),
      isFrozen: () => parseFlat(readText(`${v2}/cgroup.events`)).frozen === 1,
    };
  }
  const v1 = findDirectory(group, "freezer");
  if (v1 === undefined) throw new UserError("cannot stop its processes: the container has no cgroup that could");
  return {
    ask: (toFreeze) => writeText(`${v1}/freezer.state`, toFreeze ? "FROZEN" : "THAWED"),
    isFrozen: () => readText(`${v1}/freezer.state`) === "FROZEN",
  };
}
