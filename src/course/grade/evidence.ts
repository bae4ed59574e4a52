// One process, as the kernel tells of it: everything that goals may ask. It stands still meanwhile.

import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats, statSync } from "node:fs";
import { capabilitiesIn } from "../../07-security/index.ts";
import { MARK } from "./planted.ts";
import { procText, statusLine } from "./processes.ts";
import type { Evidence, IdRange, NamespaceName, SeenDescriptor, SeenDirectory } from "./seen.ts";
import { groupsIn, seenLimits } from "./seen-limits.ts";
import { hostMounts, isBelow, seenMounts } from "./seen-mounts.ts";
import { addressesIn, routesIn } from "./seen-network.ts";

/** What the process is compared with. */
export interface Surroundings {
  /** The runtime's process. */
  runtime: number;
  /** As the runtime sees them. */
  rootfs: string;
  key: string;
  /** What is in ROOTFS's mark. */
  mark: string;
}

export const NOTHING: Evidence = {
  pid: 0,
  pids: [],
  namespaces: {},
  uid: -1,
  gid: -1,
  uidMap: [],
  gidMap: [],
  setgroups: "allow",
  capabilities: { effective: [], permitted: [], bounding: [] },
  noNewPrivileges: false,
  seccomp: "off",
  descriptors: [],
  mounts: [],
  root: { path: "", isRootfs: false, isHosts: false },
  cwd: { path: "", isRootfs: false, isHosts: false },
  files: [],
  cgroups: {},
  limits: { oomKills: 0, refusedForks: 0 },
  links: [],
  addresses: [],
  routes: [],
};

/** undefined: it is gone, or belongs to somebody whom our user can't see into. */
export function evidenceOf(pid: number, surroundings: Surroundings): Evidence | undefined {
  try {
    return read(pid, surroundings);
  } catch {
    return undefined;
  }
}

function read(pid: number, surroundings: Surroundings): Evidence {
  const { runtime, rootfs } = surroundings;
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const word = (key: string) => statusLine(status, key) ?? "";
  const cgroups = groupsIn(procText(pid, "cgroup") ?? "");
  const host = hostMounts(readFileSync(`/proc/${runtime}/mountinfo`, "latin1"), rootfs);
  return {
    pid,
    pids: word("NSpid").split(/\s+/).map(Number),
    namespaces: namespacesOf(pid),
    uid: Number(word("Uid").split("\t")[1]),
    gid: Number(word("Gid").split("\t")[1]),
    uidMap: rangesIn(procText(pid, "uid_map") ?? ""),
    gidMap: rangesIn(procText(pid, "gid_map") ?? ""),
    setgroups: procText(pid, "setgroups")?.trim() === "deny" ? "deny" : "allow",
    capabilities: {
      effective: capabilitiesIn(status, "CapEff"),
      permitted: capabilitiesIn(status, "CapPrm"),
      bounding: capabilitiesIn(status, "CapBnd"),
    },
    noNewPrivileges: word("NoNewPrivs") === "1",
    seccomp: (["off", "strict", "filter"] as const)[Number(word("Seccomp"))] ?? "off",
    descriptors: descriptorsOf(pid, surroundings),
    mounts: seenMounts(readFileSync(`/proc/${pid}/mountinfo`, "latin1"), host),
    root: directory(pid, "root", surroundings),
    cwd: directory(pid, "cwd", surroundings),
    files: names(`/proc/${pid}/root/`) ?? [],
    ...processesSeenBy(pid),
    cgroups,
    limits: seenLimits(cgroups, groupsIn(procText(runtime, "cgroup") ?? "")),
    links: linksOf(pid),
    addresses: addressesIn(procText(pid, "net/fib_trie") ?? ""),
    routes: routesIn(procText(pid, "net/route") ?? ""),
  };
}

function namespacesOf(pid: number): Evidence["namespaces"] {
  const names = readdirSync(`/proc/${pid}/ns`).filter((name) => !name.endsWith("_for_children"));
  const entries = names.map((name) => [
    name as NamespaceName,
    /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${name}`))?.[1],
  ]);
  return Object.fromEntries(entries);
}

function rangesIn(map: string): IdRange[] {
  const lines = map.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return lines
    .filter(({ length }) => length === 3)
    .map(([inside = 0, outside = 0, count = 0]) => ({ inside, outside, count }));
}

// ---- descriptors and directories

function descriptorsOf(pid: number, surroundings: Surroundings): SeenDescriptor[] {
  const { runtime, key } = surroundings;
  const keyFile = statOf(`/proc/${runtime}/root${key}`);
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const at = `/proc/${pid}/fd/${fd}`;
    const [target, file] = [targetOf(at), statOf(at)];
    const is = { isKey: isSame(file, keyFile), isOutside: isOutside(target ?? "", file, surroundings) };
    return target === undefined ? [] : [{ fd: Number(fd), target, ...is }];
  });
}

/** This process's own are opened and closed while they are read. */
function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

/** As far as a path tells; a pipe, a socket and a terminal are no files. */
function isOutside(target: string, file: Stats | undefined, { rootfs }: Surroundings): boolean {
  const isFile = file !== undefined && (file.isFile() || file.isDirectory());
  return isFile && target.startsWith("/") && !target.startsWith("/memfd:") && !isBelow(target, rootfs);
}

function directory(pid: number, name: "root" | "cwd", { runtime, rootfs, mark }: Surroundings): SeenDirectory {
  const at = `/proc/${pid}/${name}`;
  const found = statOf(`${at}/`);
  return {
    path: readlinkSync(at),
    isRootfs: isSame(found, statOf(`/proc/${runtime}/root${rootfs}/`)) || isMarked(at, mark),
    isHosts: isSame(found, statOf(`/proc/${runtime}/root/`)),
  };
}

function isMarked(folder: string, mark: string): boolean {
  try {
    return lstatSync(`${folder}/${MARK}`).isFile() && readFileSync(`${folder}/${MARK}`, "latin1") === mark;
  } catch {
    return false;
  }
}

function isSame(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

// ---- what it sees

function names(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

/** A link could lead anywhere, out here. */
function processesSeenBy(pid: number): Pick<Evidence, "processes"> {
  const proc = `/proc/${pid}/root/proc`;
  try {
    const found = lstatSync(proc).isDirectory() ? readdirSync(proc).map(Number).filter(Number.isInteger) : [];
    return found.length > 0 ? { processes: found } : {};
  } catch {
    return {};
  }
}

/** Two lines of headings, then `  lo:  0  0 …`. */
function linksOf(pid: number): string[] {
  const lines = (procText(pid, "net/dev") ?? "").split("\n").slice(2);
  return lines.map((line) => line.split(":")[0]!.trim()).filter(Boolean);
}
