// config.json, as the OCI runtime specification 1.2 words it: the one description of a container that every runtime
// reads. The names are the specification's, field by field, so that a bundle of ours is a bundle of runc's and crun's.
// Each stage has the type of the part it reads; here is the whole.
// See https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md and config-linux.md.

import type { Device, Mount } from "../../02-rootfs/index.ts";
import type { IdMapping, Namespace, TimeOffsets } from "../../03-namespaces/index.ts";
import type { Resources } from "../../04-cgroups/index.ts";
import type { CapabilitySets, LinuxSeccomp, Rlimit } from "../../07-security/index.ts";

/** The oldest version whose words suffice for what we write: crun 1.8, which Debian 12 has, refuses any above 1.0. */
export const OCI_VERSION = "1.0.2";

export interface Spec {
  ociVersion: string;
  process?: Process;
  root?: Root;
  hostname?: string;
  domainname?: string;
  mounts?: Mount[];
  hooks?: Hooks;
  annotations?: Record<string, string>;
  linux?: Linux;
}

export interface Root {
  /** Absolute, or relative to the bundle. */
  path: string;
  readonly?: boolean;
}

// ---- process

export interface Process {
  terminal?: boolean;
  consoleSize?: { height: number; width: number };
  user: User;
  args?: string[];
  env?: string[];
  cwd: string;
  capabilities?: CapabilitySets;
  rlimits?: Rlimit[];
  noNewPrivileges?: boolean;
  apparmorProfile?: string;
  selinuxLabel?: string;
  oomScoreAdj?: number;
  scheduler?: Scheduler;
  ioPriority?: { class: "IOPRIO_CLASS_RT" | "IOPRIO_CLASS_BE" | "IOPRIO_CLASS_IDLE"; priority: number };
  execCPUAffinity?: { initial?: string; final?: string };
}

export interface User {
  uid: number;
  gid: number;
  umask?: number;
  additionalGids?: number[];
}

export interface Scheduler {
  policy: string;
  nice?: number;
  priority?: number;
  flags?: string[];
  runtime?: number;
  deadline?: number;
  period?: number;
}

// ---- hooks

export interface Hooks {
  prestart?: Hook[];
  createRuntime?: Hook[];
  createContainer?: Hook[];
  startContainer?: Hook[];
  poststart?: Hook[];
  poststop?: Hook[];
}

export interface Hook {
  path: string;
  args?: string[];
  env?: string[];
  /** Seconds. */
  timeout?: number;
}

// ---- linux

export interface Linux {
  uidMappings?: readonly IdMapping[];
  gidMappings?: readonly IdMapping[];
  sysctl?: Record<string, string>;
  resources?: Resources;
  cgroupsPath?: string;
  namespaces?: Namespace[];
  devices?: Device[];
  seccomp?: LinuxSeccomp | undefined;
  rootfsPropagation?: "shared" | "slave" | "private" | "unbindable";
  maskedPaths?: string[];
  readonlyPaths?: string[];
  mountLabel?: string;
  intelRdt?: IntelRdt;
  personality?: { domain: "LINUX" | "LINUX32"; flags?: string[] };
  timeOffsets?: TimeOffsets;
}

export interface IntelRdt {
  closID?: string;
  l3CacheSchema?: string;
  memBwSchema?: string;
  enableCMT?: boolean;
  enableMBM?: boolean;
}

// ---- as text

/** No limit, as a resource limit: the largest of 64 bits, which a JavaScript number can only round to 2^64. */
export const RLIM_INFINITY = 2 ** 64;

/** config.json's text. Other runtimes read its numbers as 64 bits, so the one we round is written exactly. */
export function specText(spec: Spec): string {
  return `${JSON.stringify(spec, null, 2).replaceAll(`: ${RLIM_INFINITY}`, ": 18446744073709551615")}\n`;
}
