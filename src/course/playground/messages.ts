// What the server and the page say to each other over the live socket, as JSON. The page's own code has these types, too.

import type { RecordedStep, Recording } from "../../10-containers/explain/record.ts";
import type { Said } from "../language.ts";

/** The same questions, asked of every world. In the order of the course. */
export const QUESTIONS = ["who", "pid", "root", "hostname", "mounts", "network", "memory", "kernel"] as const;
export type Question = (typeof QUESTIONS)[number];

/** What the kernel answers to a process. */
export interface Answer {
  /** What the process itself would read. */
  says: string;
  /** What the same thing is, seen from outside, where that is something else. */
  outside?: string;
  /** The calls that made it another answer than the host's; missing where it is the same. */
  made?: string;
}

/** The host, or processes that share a pid namespace below it: a container, whoever made it. */
export interface World {
  /** `host`, or the pid namespace's inode: the same as long as it lives. */
  id: string;
  /** The engine's name for it, or its hostname. */
  name: string;
  /** Where the engine knows it as a container of its own. */
  containerId?: string;
  /** Its first process, by the host's count. */
  pid: number;
  /** How many pid namespaces lie between it and the host's. */
  depth: number;
}

export interface ProcessRow {
  pid: number;
  parent: number;
  /** Its numbers, from the host's inward. */
  pids: number[];
  world: string;
  command: string;
}

export interface GroupRow {
  /** Below our parent group: `3f2a…`, `3f2a…/mini-docker/77…`. */
  path: string;
  name: string;
  memoryBytes?: number;
  memoryLimitBytes?: number;
  /** Of one processor. */
  cpuPercent?: number;
  pids?: number;
  pidsLimit?: number;
}

export interface LayerChange {
  kind: "A" | "C" | "D";
  path: string;
}

export interface Layers {
  world: string;
  /** The topmost first. */
  layers: { digest: string; bytes: number }[];
  changes: LayerChange[];
  /** There were more than are told. */
  hidden: number;
}

/** A network namespace: who is in it, and its links. */
export interface NetworkPlace {
  /** Its inode. */
  id: string;
  /** Of the worlds that are in it; `host` is among them in the host's. */
  names: string[];
  links: NetworkLink[];
}

export interface NetworkLink {
  name: string;
  kind: "bridge" | "cable" | "card" | "loopback";
  /** With as many bits as its neighbours share: `10.8.0.2/24`, `fd00::2/64`. */
  addresses: string[];
  /** Packets. */
  received: number;
  sent: number;
  /** The bridge it is plugged into. */
  bridge?: string;
  /** The other end of a cable: the id of a place, and a link there. */
  other?: { network: string; link: string };
  /** Of a bridge of this engine's: the network's name, and whether nobody on it gets out. */
  about?: { network: string; internal: boolean };
  /** Ports of the host that lead to its other end: `0.0.0.0:8080 → 80/tcp`. */
  ports?: string[];
}

export const TABS = ["answers", "groups", "layers", "network", "processes", "steps"] as const;
export type Tab = (typeof TABS)[number];

/** From the page. */
export type Wish =
  /** What it shows: only that is looked at. */
  | { show: Tab; worlds: string[] }
  /** Two containers to compare, if there are none. */
  | { beginPair: true }
  /** A run that stands still before each of its calls; then the next call, or all that are left. */
  | { stepRun: string[] }
  | { step: "next" | "rest" | "stop" }
  | { lesson: string };

/** From the server; each is sent when it has changed. */
export type Told =
  | { worlds: World[] }
  | { pair: "none" | "beginning" | "there"; problem?: string }
  | { answers: Record<string, Record<Question, Answer>> }
  | { groups: GroupRow[] }
  | { layers: Layers[] }
  | { networks: NetworkPlace[] }
  | { processes: ProcessRow[] }
  | { run: Pick<Recording, "command" | "machine">; total: number }
  | { ran: RecordedStep; next?: { call: string; why: string } }
  | { runEnded: Recording["outcome"]; error?: string }
  | { check: CheckResult };

/** What is known of the student's work on a lesson. */
export interface CheckResult {
  lesson: string;
  status: "waiting" | "checking" | "failed" | "passed" | "broken";
  /** The student's, that is looked at whenever it changes. */
  file?: string;
  goals: { id: string; says: Said; isReached: boolean }[];
  /** Of the first goal that isn't reached; or what kept it from being looked at. */
  hint?: Said;
}
