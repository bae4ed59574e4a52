// What try.ts files need that is no call of a container: folders for its files, and limits only where there can be some.

import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../../01-syscalls/index.ts";
import { ordinaryUser } from "../../03-namespaces/index.ts";
import {
  baseWith,
  bornIn,
  findMachine,
  type Machine,
  planGroup,
  type Resources,
  removeGroup,
} from "../../04-cgroups/index.ts";
import { type Confinement, cachedFilter, defaultProfile, setsFor } from "../../07-security/index.ts";
import type { Functions } from "./functions.ts";

/**
 * Makes the folder `own`, and these in it, for the user whom the container's root is outside. They stay when it has ended.
 * Throws where `own` is there already.
 */
export function emptyFolders<Name extends string>(own: string, ...names: Name[]): Record<Name | "own", string> {
  const { uid, gid } = ordinaryUser();
  const paths = [["own", own], ...names.map((name) => [name, join(own, name)])] as [Name | "own", string][];
  for (const [, path] of paths) {
    mkdirSync(path);
    chownSync(path, uid, gid);
  }
  return Object.fromEntries(paths) as Record<Name | "own", string>;
}

/** These limits; none for a user who was given no part of the tree of groups, as lesson 04 says. */
export function affordable(resources: Resources, machine: Machine): Resources {
  const mayLimit = baseWith(machine, "memory", "memory") && baseWith(machine, "pids", "pids");
  return mayLimit ? resources : {};
}

/** What lesson 04 has put into a plan, by where it goes. */
export interface Limited {
  before: Step[];
  clone: ReturnType<typeof bornIn>;
  inside: Step[];
  end(): void;
}

/** A group of its own, with the limits of lesson 04: 64 MiB and 30 processes. */
export function limitedGroup(stages: Functions<"04-cgroups">): Limited {
  const machine = findMachine();
  const resources = affordable({ memory: { limit: 2 ** 26, swap: 2 ** 26 }, pids: { limit: 30 } }, machine);
  const limits = stages.limitsFor(resources, machine);
  const { group, settings } = planGroup({ id: `try-${process.pid}`, machine, resources, limits });
  return {
    before: [
      ...stages.createSteps(machine, group),
      ...stages.limitSteps(group, settings),
      ...stages.openGroupSteps(group),
    ],
    clone: bornIn(group),
    inside: stages.enterGroupSteps(group),
    end: () => removeGroup(group),
  };
}

const SEVEN = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETFCAP", "SETGID", "SETUID"].map((name) => `CAP_${name}`);

/** What lesson 07 leaves root of a container: seven capabilities, and calls that a filter lets through. It is kept in `folder`. */
export async function sevenPowers(folder: string): Promise<Confinement> {
  const filter = await cachedFilter(folder, defaultProfile({ capabilities: SEVEN }));
  return { user: { uid: 0, gid: 0 }, canSetGroups: false, capabilities: setsFor(SEVEN, 0), seccomp: { filter } };
}
