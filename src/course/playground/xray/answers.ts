// The same questions, asked of processes of different worlds, and why the answers differ: each difference was made by a
// system call. All is read from outside, in /proc; only a hostname can't be, and is asked for (hostname.ts).

import { readdirSync } from "node:fs";
import { release, totalmem } from "node:os";
import type { Snapshot, Things } from "../../../10-containers/explain/observe.ts";
import type { Answer, Question, World } from "../messages.ts";

/** What is known of a world before it is asked. */
export interface Asked {
  world: World;
  /** What /proc says of its first process. */
  seen: Snapshot;
  hostname: string;
  /** Of the group it is counted in. */
  memoryLimitBytes?: number;
  /** Of the worlds that are shown beside the host: theirs is a line in the host's answer, too. */
  firsts: World[];
}

export type Answers = Record<Question, Answer>;

export function answersOf({ world, seen, hostname, memoryLimitBytes, firsts }: Asked, host: Snapshot): Answers {
  const isHost = world.id === "host";
  const differs = (kind: string) => !isHost && seen.namespace?.[kind] !== host.namespace?.[kind];
  const made = (isOther: boolean, calls: string) => (isOther ? { made: calls } : {});
  return {
    who: {
      ...userIn(seen.process ?? {}),
      ...made(differs("user"), "clone3(CLONE_NEWUSER)"),
    },
    pid: isHost
      ? { says: firsts.map(({ pid }) => pid).join(", ") }
      : { says: "1", outside: String(world.pid), ...made(differs("pid"), "clone3(CLONE_NEWPID)") },
    root: { says: rootOf(world, seen), ...made(seen.directory?.root !== host.directory?.root, "pivot_root") },
    hostname: { says: hostname, ...made(differs("uts"), "sethostname") },
    mounts: { says: count(seen.mount), ...made(differs("mnt"), "clone3(CLONE_NEWNS)") },
    network: { says: networkIn(seen.network ?? {}), ...made(differs("net"), "clone3(CLONE_NEWNET)") },
    memory: memoryOf(memoryLimitBytes),
    kernel: { says: release() },
  };
}

/** `uid: "0 0 0 0"`, and its map `0 100000 65536; …`: who that is outside. */
function userIn({ uid = "", "uid map": map = "" }: Things): Answer {
  const outside = Number(uid.split(/\s+/)[1]);
  const ranges = [...map.matchAll(/(\d+)\s+(\d+)\s+(\d+)/g)].map((found) => found.slice(1).map(Number));
  const range = ranges.find(([, first = 0, length = 0]) => outside >= first && outside < first + length);
  const inside = range ? outside - range[1]! + range[0]! : outside;
  return { says: `uid ${inside}`, ...(inside !== outside && { outside: `uid ${outside}` }) };
}

/** `overlay · 17 entries` */
function rootOf({ id, pid }: World, { mount = {} }: Snapshot): string {
  const places = Object.values(mount).map((value) => value.split(" "));
  const type = places.findLast(([place]) => place === "/")?.[1] ?? "?";
  const entries = entriesOf(id === "host" ? "/" : `/proc/${pid}/root/`);
  return entries === undefined ? type : `${type} · ${entries}`;
}

function entriesOf(folder: string): number | undefined {
  try {
    return readdirSync(folder).length;
  } catch {
    return undefined;
  }
}

function count(things: Things = {}): string {
  return String(Object.keys(things).length);
}

/** Its interfaces. */
function networkIn(network: Things): string {
  return Object.keys(network)
    .filter((name) => network[name] === "interface")
    .sort()
    .join(" ");
}

function memoryOf(limitBytes?: number): Answer {
  if (limitBytes === undefined) return { says: bytes(totalmem()) };
  return { says: bytes(limitBytes), made: "write(memory.max)" };
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** In units of 1024, three digits at most. */
export function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  const value = count / 1024 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : Number(value.toPrecision(2 + Number(value >= 10)))} ${UNITS[power]}`;
}
