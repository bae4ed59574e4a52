// A mount can be one of several that tell each other what is mounted below them (mount_namespaces(7), "Shared
// subtrees"). systemd makes the host's `/` shared, and a new mount namespace begins as a copy of the host's: without
// the step here, whatever the container mounts would appear on the host too.

import { MS, mountStep, type Step } from "../01-syscalls/index.ts";

/** `linux.rootfsPropagation` of an OCI bundle; a leading "r" means: with all mounts below. */
export type Propagation =
  | "shared"
  | "rshared"
  | "slave"
  | "rslave"
  | "private"
  | "rprivate"
  | "unbindable"
  | "runbindable";

/** A propagation type in the words of mount(2) and mount_setattr(2). */
export const PROPAGATIONS: Record<Propagation, { type: number; recursive: boolean }> = {
  shared: { type: MS.SHARED, recursive: false },
  rshared: { type: MS.SHARED, recursive: true },
  slave: { type: MS.SLAVE, recursive: false },
  rslave: { type: MS.SLAVE, recursive: true },
  private: { type: MS.PRIVATE, recursive: false },
  rprivate: { type: MS.PRIVATE, recursive: true },
  unbindable: { type: MS.UNBINDABLE, recursive: false },
  runbindable: { type: MS.UNBINDABLE, recursive: true },
};

/**
 * Cuts the way back: no mount made from here on travels to the host. A slave still hears of the host's mounts (a disk
 * plugged in later shows up in a volume); "private" hears nothing. The first thing to do in a new mount namespace.
 */
export function privateRootSteps(propagation: Propagation = "rslave"): Step[] {
  const type = PROPAGATIONS[propagation].type === MS.PRIVATE ? MS.PRIVATE : MS.SLAVE;
  return [mountStep({ target: "/", flags: type | MS.REC, why: "what is mounted from here on stays off the host" })];
}

/**
 * Gives the container's own `/` the propagation asked for, after pivot_root: on the host's `/` it would have undone
 * `privateRootSteps`. The root is private to begin with, and a slave without a master is just that.
 */
export function rootPropagationSteps(propagation: Propagation = "rprivate"): Step[] {
  const { type, recursive } = PROPAGATIONS[propagation];
  if (type === MS.PRIVATE || type === MS.SLAVE) return [];
  const flags = recursive ? type | MS.REC : type;
  return [mountStep({ target: "/", flags, why: "how mounts below the container's root pass on to copies of it" })];
}
