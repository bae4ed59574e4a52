// What the kernel tells anybody about a process: the files below /proc/PID (proc(5)). Nothing is entered and nothing is
// asked of the process; it can stand still meanwhile, as it does between two steps of a launch that is stepping.
//
// Each area is a list of named things, each with a value in words, so that two observations can be compared without
// knowing what any of it means (changes.ts). What this user may not read is left out.

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { capabilitiesIn } from "../../07-security/index.ts";

/** In the order in which they are worth telling. */
export const AREAS = [
  /** Kind → inode number of the namespace, which is its identity: `mnt` → `4026531841`. */
  "namespace",
  /** Mount id → five words: where, type, source, options, propagation. */
  "mount",
  /** `root` and `cwd` → path, type and device of the filesystem it is on. */
  "directory",
  /** Ids, groups, maps, session, umask, filters: see `processIn`. */
  "process",
  /** `effective CAP_CHOWN` → `held`. */
  "capability",
  /** Controllers of a hierarchy → path of the group. */
  "cgroup",
  /** `Max open files` → soft and hard limit. */
  "limit",
  /** Interface or address → which of the two. */
  "network",
  /** Number → what it is open on. */
  "descriptor",
] as const;

export type Area = (typeof AREAS)[number];
export type Things = Record<string, string>;
export type Snapshot = Partial<Record<Area, Things>>;

/** Looks at process `pid`. One that is gone, or that this user may not see, has few or no areas. */
export function observe(pid: number, proc = "/proc"): Snapshot {
  const folder = `${proc}/${pid}`;
  const status = read(`${folder}/status`) ?? "";
  const mountinfo = read(`${folder}/mountinfo`);
  const snapshot = withoutUnknown({
    namespace: links(`${folder}/ns`, (target) => /\[(\d+)\]/.exec(target)?.[1] ?? target),
    mount: mountinfo === undefined ? undefined : mountsIn(mountinfo),
    directory: directories(folder, mountinfo ?? ""),
    process: processIn(folder, status),
    capability: capabilitiesOf(status),
    cgroup: cgroupsIn(read(`${folder}/cgroup`)),
    limit: limitsIn(read(`${folder}/limits`)),
    network: networkOf(folder),
    descriptor: links(`${folder}/fd`),
  });
  // Had it ended while it was looked at, half of this would be what a dead process has: nothing.
  return isAlive(folder) ? snapshot : {};
}

function isAlive(folder: string): boolean {
  return /^State:\s+[^ZX]/m.test(read(`${folder}/status`) ?? "");
}

// ---- the areas

/** proc_pid_mountinfo(5). */
function mountsIn(mountinfo: string): Things {
  return Object.fromEntries(
    lines(mountinfo).map((line) => {
      const [about = "", filesystem = ""] = line.split(" - ");
      const [id = "", , , , place, options, ...tags] = about.split(" ");
      const [type, source] = filesystem.split(" ");
      return [id, [place, type, source, options, propagationOf(tags)].join(" ")];
    }),
  );
}

function propagationOf(tags: string[]): string {
  const words: [string, string][] = [
    ["shared:", "shared"],
    ["master:", "slave"],
    ["unbindable", "unbindable"],
  ];
  const found = words.filter(([tag]) => tags.some((each) => each.startsWith(tag))).map(([, word]) => word);
  return found.join("+") || "private";
}

/** Before and after pivot_root both are "/", so the filesystem they are on is told too. */
function directories(folder: string, mountinfo: string): Things | undefined {
  const entries = ["root", "cwd"].map((name) => {
    const [path, device] = [link(`${folder}/${name}`), deviceOf(`${folder}/${name}/`)];
    return [name, path && device && `${path} (${filesystemOf(device, mountinfo)})`];
  });
  return entries.every(([, value]) => value) ? Object.fromEntries(entries) : undefined;
}

/** The device number as makedev(3) packs it. */
function filesystemOf(device: number, mountinfo: string): string {
  const number = `${(device >>> 8) & 0xfff}:${(device & 0xff) | ((device >>> 12) & 0xfff00)}`;
  const line = lines(mountinfo).find((each) => each.split(" ")[2] === number) ?? "";
  const [type = ""] = (line.split(" - ")[1] ?? "").split(" ");
  return `${type} ${number}`.trim();
}

const SECCOMP_MODES = ["off", "strict", "filter"];

function processIn(folder: string, status: string): Things {
  const value = (key: string) =>
    new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(status)?.[1]?.trim().replaceAll("\t", " ");
  return withoutUnknown({
    program: link(`${folder}/exe`),
    uid: value("Uid"),
    gid: value("Gid"),
    groups: value("Groups"),
    "uid map": map(read(`${folder}/uid_map`)),
    "gid map": map(read(`${folder}/gid_map`)),
    "setgroups allowed": read(`${folder}/setgroups`)?.trim(),
    pid: value("NSpid"),
    session: value("NSsid"),
    umask: value("Umask"),
    "no new privileges": { 0: "no", 1: "yes" }[Number(value("NoNewPrivs"))],
    seccomp: SECCOMP_MODES[Number(value("Seccomp"))],
    "seccomp filters": value("Seccomp_filters"),
    "out-of-memory score": read(`${folder}/oom_score_adj`)?.trim(),
    "clock offsets": map(read(`${folder}/timens_offsets`)),
  });
}

/** Columns of /proc/PID/uid_map and its like, one space apart, lines separated by commas. */
function map(text: string | undefined): string | undefined {
  return text === undefined
    ? undefined
    : lines(text)
        .map((line) => line.trim().replaceAll(/\s+/g, " "))
        .join(", ");
}

const SETS = { effective: "CapEff", permitted: "CapPrm", inheritable: "CapInh", bounding: "CapBnd", ambient: "CapAmb" };

function capabilitiesOf(status: string): Things {
  const names = Object.entries(SETS).flatMap(([set, key]) =>
    capabilitiesIn(status, key as "CapEff").map((name) => [`${set} ${name}`, "held"]),
  );
  return Object.fromEntries(names);
}

/** `4:memory:/a` → `memory: /a`; the v2 hierarchy, which names no controllers, is `unified`. See cgroups(7). */
function cgroupsIn(text: string | undefined): Things | undefined {
  if (text === undefined) return undefined;
  const entries = lines(text).map((line) => {
    const [, controllers, ...path] = line.split(":");
    return [controllers || "unified", path.join(":")];
  });
  return Object.fromEntries(entries);
}

/** A table of fixed columns: name, soft, hard, unit. */
function limitsIn(text: string | undefined): Things | undefined {
  if (text === undefined) return undefined;
  const rows = lines(text).slice(1);
  return Object.fromEntries(
    rows.map((row) => [row.slice(0, 25).trim(), `${row.slice(26, 46).trim()} ${row.slice(47, 67).trim()}`]),
  );
}

/** Interfaces, and the addresses that the process's network answers to itself. */
function networkOf(folder: string): Things | undefined {
  const devices = read(`${folder}/net/dev`);
  if (devices === undefined) return undefined;
  const interfaces = [...devices.matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => [name, "interface"]);
  const routes = read(`${folder}/net/fib_trie`) ?? "";
  const addresses = [...routes.matchAll(/-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address]) => [address, "address"]);
  return Object.fromEntries([...interfaces, ...addresses]);
}

// ---- files that may be gone, or not ours to read

function links(folder: string, meaning = (target: string) => target): Things | undefined {
  try {
    const entries = readdirSync(folder).flatMap((name) => {
      const target = link(`${folder}/${name}`);
      return target === undefined ? [] : [[name, meaning(target)]];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  } catch {
    return undefined;
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function deviceOf(path: string): number | undefined {
  try {
    return statSync(path).dev;
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function withoutUnknown<T extends object>(things: T): { [K in keyof T]: NonNullable<T[K]> } {
  const known = Object.entries(things).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [K in keyof T]: NonNullable<T[K]> };
}
