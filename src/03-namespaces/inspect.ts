// Which namespaces a process is in. /proc/PID/ns holds a link a kind, `mnt:[4026531841]`; the number is the namespace's
// inode, the same for every process in it and for no other (namespaces(7)).

import { closeSync, openSync, readlinkSync } from "node:fs";
import { IOCTL, performOne, step } from "../01-syscalls/index.ts";
import { KINDS, type NamespaceType } from "./kinds.ts";
import { isInitialUserNamespace } from "./users.ts";

/** A process: its pid, or this one. */
export type Process = number | "self";

/** The namespaces of `pid`, without kinds this kernel lacks. Throws Node's ENOENT when there is no such process. */
export function namespacesOf(pid: Process): { type: NamespaceType; inode: number }[] {
  return KINDS.flatMap(({ type, file }) => {
    const inode = inodeOf(pid, file);
    return inode === undefined ? [] : [{ type, inode }];
  });
}

/** The kinds of which both processes are in the same namespace. */
export function sharedKinds(one: Process, other: Process): NamespaceType[] {
  return compare(one, other, (a, b) => a === b);
}

/** The kinds of which they are in different ones: what has to be joined to be where `other` is. */
export function differentKinds(one: Process, other: Process): NamespaceType[] {
  return compare(one, other, (a, b) => a !== b);
}

/**
 * Whether the network this process is in belongs to the user namespace it is in, or to one below: root of any other has no say
 * in it. The kernel names the owner to nobody else. See ioctl_ns(2).
 */
export function ownsNetwork(): boolean {
  if (isInitialUserNamespace()) return true;
  const network = openSync("/proc/self/ns/net", "r");
  const owner = performOne(step("ioctl", [network, IOCTL.NS_GET_USERNS, 0], { why: "whose is it?", allow: ["EPERM"] }));
  for (const fd of [network, owner]) if (fd >= 0) closeSync(fd);
  return owner >= 0;
}

function compare(one: Process, other: Process, wanted: (a?: number, b?: number) => boolean): NamespaceType[] {
  const theirs = new Map(namespacesOf(other).map(({ type, inode }) => [type, inode]));
  return namespacesOf(one).flatMap(({ type, inode }) => (wanted(inode, theirs.get(type)) ? [type] : []));
}

function inodeOf(pid: Process, file: string): number | undefined {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${file}`))![1]);
  } catch (error) {
    // The time namespace is younger (Linux 5.6) than the others, and can be left out of a kernel.
    if (file === "time" && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
