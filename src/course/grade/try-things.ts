// What try.ts files need that is no call of a container: folders for its files, and limits only where there can be some.

import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ordinaryUser } from "../../03-namespaces/index.ts";
import { baseWith, type Machine, type Resources } from "../../04-cgroups/index.ts";

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
