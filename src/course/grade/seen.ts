// What was seen of one run, as data: it can be kept as JSON, and goals are asked of nothing else. Everything but `calls` and
// what was printed is read from the kernel, outside of the container, while the probe waits.

/** The kinds of namespace, as the files in /proc/PID/ns are called. */
export type NamespaceName = "cgroup" | "ipc" | "mnt" | "net" | "pid" | "time" | "user" | "uts";

export type SeenOutcome =
  /** The probe was found and did all that it was told, or was killed while doing it. */
  | "seen"
  /** No process became the probe, and the runtime ended. */
  | "not started"
  /** There was more than one probe: none of them is the one. */
  | "two probes"
  /** Somebody else has let it go on, or given it other words: what it shows and answers is of no worth. */
  | "meddled with"
  /** It is there, but may not be looked at: it belongs to somebody whom the grader's user can't see into. */
  | "unreadable"
  /** The time was over; everything was killed. */
  | "too slow";

export interface Seen {
  /** Its scenario's id. */
  scenario: string;
  outcome: SeenOutcome;
  /** The process that is the runtime, when the probe was at its first `wait`: what "the same" and "different" mean. */
  runtime: Evidence;
  /** The probe at its first `wait`; of one that was never seen, everything is empty. */
  probe: Evidence;
  /** The probe at each `wait`. */
  moments: Evidence[];
  /**
   * What came of the probe's words, under the words as the scenario has them: `answers["read {key}"]` is `OK`, the name
   * of an errno, or missing if it never came to that. `wait` is not among them.
   */
  answers: Record<string, string>;
  /** How the runtime ended: its exit code, 128 and the signal's number for one that was killed. */
  exitCode: number;
  /** How the probe ended, as far as its parent told: `killed` when it vanished in the middle of its words. */
  ended: "by itself" | "killed" | "never ran";
  /** The word that it was at when it was killed. */
  killedAt?: string;
  /** How often the kernel has killed somebody for want of memory meanwhile, here or elsewhere on the machine. */
  memoryKills: number;
  /** Files of ROOTFS that are different afterwards: `changed /bin/sh`, `new /x`, `gone /y`. */
  changes: string[];
  /** meter still runs (with `meter`). */
  isMeterAlive: boolean;
  /** What is there when the runtime has ended and wasn't before: nothing, if all is well. */
  left: { processes: string[]; mounts: string[]; groups: string[] };
  /** The list of calls of a runtime that tells: `learn try`. Others have none. */
  calls?: SeenCall[];
  /** Why the runtime's plan wasn't even made: an error in the student's module, in one line with its place. */
  error?: string;
  /** The end of what the runtime and the probe have printed, for people. No proof of anything. */
  printed: string;
  /** How long all of it took. */
  ms: number;
}

/** One process, as /proc and the cgroup files tell of it. */
export interface Evidence {
  /** Its process id in the grader's world, 0 if there is none. */
  pid: number;
  /** All its ids, from the outermost pid namespace to its own: `[4711, 1]`. */
  pids: number[];
  /** Inode of each namespace, which is its identity. */
  namespaces: Partial<Record<NamespaceName, string>>;
  /** Effective ids, as the grader sees them. */
  uid: number;
  gid: number;
  uidMap: IdRange[];
  gidMap: IdRange[];
  /** What its user namespace says of leaving groups: "deny" is for good. */
  setgroups: "allow" | "deny";
  capabilities: { effective: string[]; permitted: string[]; bounding: string[] };
  noNewPrivileges: boolean;
  /** "filter" is what a container has. */
  seccomp: "off" | "strict" | "filter";
  descriptors: SeenDescriptor[];
  /** The mounts of its mount namespace that it can walk to, in order. */
  mounts: SeenMount[];
  /** Its `/` and the folder it stands in. */
  root: SeenDirectory;
  cwd: SeenDirectory;
  /** Names at the top of what it sees as `/`. */
  files: string[];
  /** Process ids that its own /proc shows, as they are called in there; undefined where it has none. */
  processes?: number[];
  /** Its cgroup by controller (`memory`, `pids`, `cpu`; `unified` for v2): the path, as the grader sees it. */
  cgroups: Record<string, string>;
  limits: SeenLimits;
  /** Interfaces, from its /proc/net/dev: `["lo"]`. */
  links: string[];
  /** Its own addresses of IPv4: `["10.8.0.2", "127.0.0.1"]`. */
  addresses: string[];
  /** Where its packets go, by links that are switched on. */
  routes: SeenRoute[];
}

/** A line of its /proc/net/route. */
export interface SeenRoute {
  /** `10.8.0.0/24`; `0.0.0.0/0` is everybody else. */
  to: string;
  link: string;
  /** The gateway; without one, they are on the link themselves. */
  via?: string;
}

/** Ids `inside`, `inside + 1`, … are `outside`, `outside + 1`, … there. */
export interface IdRange {
  inside: number;
  outside: number;
  count: number;
}

export interface SeenDescriptor {
  fd: number;
  /** A path, or `pipe:[123]`. */
  target: string;
  /** It is meter's key. */
  isKey: boolean;
  /** It leads into a file or folder outside of ROOTFS, other than a device. */
  isOutside: boolean;
}

export interface SeenMount {
  id: number;
  parent: number;
  /** Where in its filesystem it begins, and where it hangs. */
  root: string;
  target: string;
  type: string;
  source: string;
  options: string[];
  /** `private`, or `shared:7`, `master:3`. */
  propagation: string;
  /** It shows something of the host that lies outside of ROOTFS: one of the runtime's own mounts. */
  isHosts: boolean;
}

export interface SeenDirectory {
  /** As /proc/PID/root and /proc/PID/cwd say. */
  path: string;
  /** It is the folder that was given as ROOTFS, or a view of it (an overlay, a copy). */
  isRootfs: boolean;
  /** It is the `/` of the runtime. */
  isHosts: boolean;
}

/** Limits and use in its cgroup; undefined is no limit, or no such controller. */
export interface SeenLimits {
  memoryBytes?: number;
  swapBytes?: number;
  pids?: number;
  /** CPUs, 0.5 is half of one. */
  cpus?: number;
  /** Processes that the kernel has killed here for want of memory. */
  oomKills: number;
  /** Times that a new process was refused here. */
  refusedForks: number;
  /** In use now. */
  memoryUsed?: number;
  pidsUsed?: number;
}

/** One call of the list that a runtime of ours has made. */
export interface SeenCall {
  /** From 1. */
  n: number;
  /** Who made it: the launcher (`before`), the engine (`beside`), or the child (`inside`). */
  list: string;
  /** `umount2` */
  name: string;
  /** As strace would print it. */
  call: string;
  /** "planned" is one that was never made, because an earlier one failed. */
  outcome: "planned" | "done" | "allowed" | "left out" | "failed";
  /** Of one that failed: `EBUSY`. */
  errno?: string;
  why: string;
  /** `02-rootfs` and `pivotSteps`; `plan` is try.ts itself. */
  stage: string;
  by: string;
  /** It is of the student's own module. */
  isTheirs: boolean;
}
