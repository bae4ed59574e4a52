// A namespace is an answer to one question that every process asks the kernel. Processes in the same namespace get the
// same answer; that is all a "container" can be made of. There are eight kinds (namespaces(7)), each with a CLONE flag
// to make one and a file in /proc/PID/ns to compare and to join one.

import { CLONE } from "../01-syscalls/index.ts";

/** The eight kinds, under the names an OCI bundle uses. */
export type NamespaceType = "mount" | "pid" | "network" | "ipc" | "uts" | "user" | "cgroup" | "time";

export interface Kind {
  type: NamespaceType;
  flag: number;
  /** Its name in /proc/PID/ns. */
  file: string;
  /** What is answered differently inside. */
  question: string;
}

export const KINDS: readonly Kind[] = [
  { type: "mount", flag: CLONE.NEWNS, file: "mnt", question: "What is mounted where?" },
  { type: "pid", flag: CLONE.NEWPID, file: "pid", question: "Which processes are there, and what are their numbers?" },
  { type: "network", flag: CLONE.NEWNET, file: "net", question: "Which links, addresses, routes and ports are there?" },
  { type: "ipc", flag: CLONE.NEWIPC, file: "ipc", question: "Which message queues and shared memory are there?" },
  { type: "uts", flag: CLONE.NEWUTS, file: "uts", question: "What is this machine called?" },
  { type: "user", flag: CLONE.NEWUSER, file: "user", question: "Who am I, and whom may I give orders?" },
  { type: "cgroup", flag: CLONE.NEWCGROUP, file: "cgroup", question: "Where in the tree of cgroups am I?" },
  { type: "time", flag: CLONE.NEWTIME, file: "time", question: "How long has the machine been up?" },
];

/** Throws for a name that is none of the eight. */
export function kindOf(type: NamespaceType): Kind {
  const kind = KINDS.find((kind) => kind.type === type);
  if (kind) return kind;
  throw new Error(`no kind of namespace is called "${type}"`);
}

/** The CLONE flags of several kinds in one number. */
export function flagsOf(types: readonly NamespaceType[]): number {
  return types.reduce((flags, type) => flags | kindOf(type).flag, 0);
}
