// Entering namespaces that exist. setns(2) takes a descriptor of one, or of a process (pidfd) and enters several of its
// at once. When it takes effect depends on the kind:
//
//   pid        for children, since a process can't change its own number: so before the clone
//   user       at once, and it decides whether the others are allowed: so before all others
//   the rest   at once, and only meant for the container: so in the child; the launcher's other half stays outside
//
// A process that enters a container with descriptors and memory from outside must not be traceable by who is in there,
// from before it enters: PR_SET_DUMPABLE of prctl(2). There is one exception. An ordinary user can't write the maps of
// a child that isn't dumpable, so where such a user makes a user namespace, it comes after the maps.

import { O, openStep, PR, prctlStep, type Ref, reg, type Step, setnsStep, step } from "../01-syscalls/index.ts";
import type { Namespace } from "./create.ts";
import { flagsOf, kindOf, type NamespaceType } from "./kinds.ts";

/**
 * Namespaces of a bundle that have a path are joined; these steps of it come before the clone, in the launcher.
 * `privileged`: the maps of a new user namespace are written by the host's root.
 */
export function joinBeforeSteps(namespaces: readonly Namespace[], privileged: boolean): Step[] {
  const joined = namespaces.filter(isJoined);
  if (joined.length === 0) return [];
  return [
    // All paths are the host's, and opened with the host's rights, while we still have both.
    ...joined.map(({ type, path }) =>
      openStep({ path: path!, flags: O.RDONLY, why: `the ${type} namespace to join`, as: registerOf(type) }),
    ),
    ...(awaitsMaps(namespaces, privileged) ? [] : undumpableSteps()),
    ...enterSteps(joined, BEFORE_CLONE),
  ];
}

/** The rest of them, in the child, when the maps are written. The mount namespace comes last: with it, `/` changes. */
export function joinInsideSteps(namespaces: readonly Namespace[], privileged: boolean): Step[] {
  const joined = namespaces.filter(isJoined);
  if (joined.length === 0) return [];
  return [...(awaitsMaps(namespaces, privileged) ? undumpableSteps() : []), ...enterSteps(joined, IN_CHILD)];
}

/** The mount namespace to join, as `joinBeforeSteps` has opened it: for who has to mount something elsewhere first. */
export function joinedMounts(namespaces: readonly Namespace[]): Ref | undefined {
  return namespaces.some((namespace) => isJoined(namespace) && namespace.type === "mount")
    ? reg(registerOf("mount"))
    : undefined;
}

/**
 * Enters the namespaces `types` of the running process `pid`: all in which it differs from us (`differentKinds`), since
 * one's own user namespace can't be entered again. The caller has made sure that `pid` is still who it was.
 */
export function joinProcessSteps(pid: number, types: readonly NamespaceType[]): { before: Step[]; inside: Step[] } {
  const first = flagsOf(types.filter((type) => BEFORE_CLONE.includes(type)));
  const rest = flagsOf(types.filter((type) => IN_CHILD.includes(type)));
  return {
    before: [
      step("pidfd_open", [pid, 0], { why: "the process, even if its number is used again", as: "joined" }),
      ...undumpableSteps(),
      ...enterProcessSteps(first),
    ],
    inside: enterProcessSteps(rest),
  };
}

/** Nobody may trace us or read our memory; our files in /proc belong to the host's root. */
export function undumpableSteps(): Step[] {
  return [prctlStep({ option: PR.SET_DUMPABLE, args: [0], why: "nobody in there may look into this process" })];
}

const BEFORE_CLONE: readonly NamespaceType[] = ["user", "pid"];
const IN_CHILD: readonly NamespaceType[] = ["ipc", "uts", "network", "time", "cgroup", "mount"];

function awaitsMaps(namespaces: readonly Namespace[], privileged: boolean): boolean {
  return !privileged && namespaces.some((namespace) => namespace.type === "user" && !isJoined(namespace));
}

function isJoined({ path }: Namespace): boolean {
  return path !== undefined && path !== "";
}

function enterSteps(joined: readonly Namespace[], order: readonly NamespaceType[]): Step[] {
  const types = order.filter((type) => joined.some((namespace) => namespace.type === type));
  return types.map((type) =>
    setnsStep({ fd: reg(registerOf(type)), flags: kindOf(type).flag, why: `enter the ${type} namespace` }),
  );
}

function enterProcessSteps(flags: number): Step[] {
  if (flags === 0) return [];
  return [setnsStep({ fd: reg("joined"), flags, why: "enter its namespaces, all or none" })];
}

function registerOf(type: NamespaceType): string {
  return `${type}_ns`;
}
