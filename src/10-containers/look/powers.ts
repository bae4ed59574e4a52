// What a running container may do, as the kernel has it: read from /proc and from its groups, and not from what we once
// asked for. Beside it stand what Docker gives a container that asks for nothing, and what it gives a privileged one.

import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { type NamespaceType, sharedKinds } from "../../03-namespaces/index.ts";
import { readStats } from "../../04-cgroups/index.ts";
import {
  CAPABILITIES,
  capabilitiesIn,
  DEFAULT_CAPABILITIES,
  DEFAULT_MASKED_PATHS,
  DEFAULT_READONLY_PATHS,
  LANDLOCK_ANNOTATION,
  parseLandlock,
} from "../../07-security/index.ts";
import { type Container, readSpec } from "../container.ts";
import { isAlive } from "../identity.ts";

/** Against Docker's default. `open` is as much as `--privileged` gives, or more. */
export type Degree = "less" | "default" | "more" | "open";

export interface Power {
  name: string;
  degree: Degree;
  /** What it may do, in words; the two others likewise. */
  here: string;
  byDefault: string;
  privileged: string;
}

/** Throws UserError unless it is running. */
export function powersOf(container: Container): Power[] {
  const { record, state } = container;
  if (!isAlive(state.process)) throw new UserError(`container ${record.id} is not running`);
  const { pid } = state.process;
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const mounts = mountsOf(pid);
  return [
    user(pid, status),
    capabilities(status),
    seccomp(status),
    noNewPrivileges(status),
    profile(pid),
    landlock(readSpec(container).annotations?.[LANDLOCK_ANNOTATION]),
    namespaces(pid),
    masks(pid, mounts),
    readOnlyPaths(pid, mounts),
    files(mounts),
    devices(pid),
    limits(state.group ? readStats(state.group) : {}, pid),
  ];
}

const field = (status: string, name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim() ?? "";

function user(pid: number, status: string): Power {
  const inside = insideId(pid, Number(field(status, "Uid").split(/\s+/)[1]));
  const outside = Number(field(status, "Uid").split(/\s+/)[1]);
  const who = inside === 0 ? "root" : `user ${inside}`;
  const here = inside === outside ? `${who}, the same as on the host` : `${who} in there, user ${outside} on the host`;
  return {
    name: "user",
    degree: inside === 0 && outside === 0 ? "default" : "less",
    here,
    byDefault: "root, the same as on the host",
    privileged: "root, the same as on the host",
  };
}

/** What the host's `id` is called in the user namespace of the process. See user_namespaces(7). */
function insideId(pid: number, id: number): number {
  const rows = readFileSync(`/proc/${pid}/uid_map`, "utf8").trim().split("\n");
  const maps = rows.map((row) => row.trim().split(/\s+/).map(Number) as [number, number, number]);
  const map = maps.find(([, outside, count]) => id >= outside && id < outside + count);
  return map ? id - map[1] + map[0] : id;
}

function capabilities(status: string): Power {
  const [bounding, effective] = [capabilitiesIn(status, "CapBnd"), capabilitiesIn(status, "CapEff")];
  const added = bounding.filter((name) => !DEFAULT_CAPABILITIES.includes(name));
  const missing = DEFAULT_CAPABILITIES.filter((name) => !bounding.includes(name));
  const count = `${effective.length} of ${CAPABILITIES.length}`;
  const more = effective.length < bounding.length ? `, ${bounding.length} within reach of its programs` : "";
  const difference = [
    ...(added.length > 0 ? [`more than by default: ${named(added)}`] : []),
    ...(missing.length > 0 ? [`without ${named(missing)}`] : []),
  ];
  return {
    name: "capabilities",
    degree: added.length > 20 ? "open" : added.length > 0 ? "more" : missing.length > 0 ? "less" : "default",
    here: [`${count}${more}`, ...difference].join("; "),
    byDefault: `${DEFAULT_CAPABILITIES.length} of ${CAPABILITIES.length}`,
    privileged: "all",
  };
}

function named(capabilities: string[]): string {
  const names = capabilities.map((name) => name.replace("CAP_", ""));
  return names.length > 8 ? `${names.slice(0, 6).join(" ")} and ${names.length - 6} others` : names.join(" ");
}

function seccomp(status: string): Power {
  const count = Number(field(status, "Seccomp_filters") || "1");
  const isFiltered = field(status, "Seccomp") === "2";
  return {
    name: "system calls",
    degree: isFiltered ? "default" : "open",
    here: isFiltered ? `${count === 1 ? "a filter is" : `${count} filters are`} asked about each` : "each may be made",
    byDefault: "a filter is asked about each",
    privileged: "each may be made",
  };
}

function noNewPrivileges(status: string): Power {
  const isSet = field(status, "NoNewPrivs") === "1";
  const gained = "set-user-ID programs and file capabilities";
  return {
    name: "programs",
    degree: isSet ? "less" : "default",
    here: isSet ? `none gains anything by being started` : `may gain by ${gained}`,
    byDefault: `may gain by ${gained}`,
    privileged: `may gain by ${gained}`,
  };
}

/** AppArmor's profile or SELinux's label; a kernel with neither has nothing to say. */
function profile(pid: number): Power {
  const label = textOf(`/proc/${pid}/attr/current`)?.replace(/[\0\n]/g, "") ?? "";
  const isFree = label === "" || label === "unconfined";
  return {
    name: "profile",
    degree: isFree ? "open" : "default",
    here: label === "" ? "none: this kernel has no AppArmor and no SELinux" : label,
    byDefault: "AppArmor's or SELinux's for containers, where the kernel has one",
    privileged: "none",
  };
}

const LETTERS: Readonly<Record<string, string>> = { r: "read", w: "change", x: "start" };

/** The one ring that the kernel tells nobody of: what is said here is what it was started with. */
function landlock(rules: string | undefined): Power {
  const none = "no rules of its own about files";
  const compared = { name: "landlock", byDefault: none, privileged: none };
  if (rules === undefined) return { ...compared, degree: "default", here: none };
  const words = parseLandlock(rules).map(({ path, rights }) => {
    return `${[...rights].map((letter) => LETTERS[letter]).join(" and ")} ${path}`;
  });
  return { ...compared, degree: "less", here: `may ${words.join(", ")}, and no other file, root or not` };
}

const OWN: readonly NamespaceType[] = ["mount", "pid", "network", "ipc", "uts", "cgroup"];

function namespaces(pid: number): Power {
  const shared = sharedKinds("self", pid).filter((type) => OWN.includes(type));
  const users = sharedKinds("self", pid).includes("user") ? [] : ["user"];
  const own = [...OWN.filter((type) => !shared.includes(type)), ...users].join(" ") || "none";
  return {
    name: "namespaces",
    degree: shared.length > 0 ? "more" : users.length > 0 ? "less" : "default",
    here: shared.length > 0 ? `own: ${own}; the host's: ${shared.join(" ")}` : `own: ${own}`,
    byDefault: `own: ${OWN.join(" ")}`,
    privileged: `own: ${OWN.join(" ")}`,
  };
}

// ---- what it sees

interface Seen {
  device: string;
  /** Which part of its filesystem. */
  root: string;
  at: string;
  isReadOnly: boolean;
}

/** proc_pid_mountinfo(5). A mount that another one lies on is seen no more: the last of a place counts. */
function mountsOf(pid: number | "self"): Map<string, Seen> {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, "utf8").trim().split("\n");
  const all = lines.map((line) => {
    const [, , device = "", root = "", at = "", options = ""] = line.split(" ");
    return { device, root, at, isReadOnly: options.split(",").includes("ro") };
  });
  return new Map(all.map((mount) => [mount.at, mount]));
}

function masks(pid: number, mounts: Map<string, Seen>): Power {
  const there = DEFAULT_MASKED_PATHS.filter((path) => isThere(pid, path));
  const open = there.filter((path) => !mounts.has(path));
  return {
    name: "hidden",
    degree: open.length === 0 ? "default" : open.length < there.length ? "more" : "open",
    here: open.length === 0 ? `${there.length} paths that tell of the machine` : `all but ${open.join(" ")}`,
    byDefault: `${there.length} paths that tell of the machine`,
    privileged: "nothing",
  };
}

function readOnlyPaths(pid: number, mounts: Map<string, Seen>): Power {
  const there = [...DEFAULT_READONLY_PATHS, "/sys", "/sys/fs/cgroup"].filter((path) => isThere(pid, path));
  const open = there.filter((path) => !mountAbove(path, mounts)?.isReadOnly);
  return {
    name: "settings",
    degree: open.length === 0 ? "default" : open.length < there.length - 1 ? "more" : "open",
    here: open.length === 0 ? "the machine's can be read, and not be set" : `may be set: ${open.join(" ")}`,
    byDefault: "the machine's can be read, and not be set",
    privileged: "may all be set",
  };
}

/** The mount that a path is on. */
function mountAbove(path: string, mounts: Map<string, Seen>): Seen | undefined {
  return mounts.get(path) ?? (path === "/" ? undefined : mountAbove(dirname(path), mounts));
}

/** Every container gets these, in its own files. */
const GIVEN = /^\/(etc\/(hosts|hostname|resolv\.conf)|dev\/.*|dev|proc\/.*|sys\/.*|sys|proc)$/;

function files(mounts: Map<string, Seen>): Power {
  const host = new Set([...mountsOf("self").values()].map(({ device }) => device));
  const lent = [...mounts.values()].filter(({ at, device }) => at !== "/" && !GIVEN.test(at) && host.has(device));
  const writable = lent.filter(({ isReadOnly }) => !isReadOnly).map(({ at }) => at);
  const readable = lent.filter(({ isReadOnly }) => isReadOnly).map(({ at }) => at);
  const isFixed = mounts.get("/")?.isReadOnly ?? false;
  const own = isFixed ? "its own can't be changed" : "its own";
  return {
    name: "files",
    degree: lent.length > 0 ? "more" : isFixed ? "less" : "default",
    here: [
      own,
      ...(writable.length > 0 ? [`the host's, to be changed, at ${writable.join(" ")}`] : []),
      ...(readable.length > 0 ? [`the host's, to be read, at ${readable.join(" ")}`] : []),
    ].join("; "),
    byDefault: "its own",
    privileged: "its own",
  };
}

/** OCI's list of default devices. `console` comes with a terminal alone, and `ptmx` is a link now. */
const DEVICES = ["console", "full", "null", "ptmx", "random", "tty", "urandom", "zero"];

function devices(pid: number): Power {
  const folder = `/proc/${pid}/root/dev`;
  // Asked one by one: where nodes can't be made, the host's lie on files, and a folder tells what is beneath.
  const there = readdirSync(folder).filter((name) => {
    const found = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return found?.isCharacterDevice() || found?.isBlockDevice();
  });
  const added = there.filter((name) => !DEVICES.includes(name)).sort();
  const some = added.length > 8 ? `${added.slice(0, 8).join(" ")} and ${added.length - 8} others` : added.join(" ");
  return {
    name: "devices",
    degree: added.length === 0 ? "default" : added.length > 20 ? "open" : "more",
    here: added.length === 0 ? `${there.length} that are nobody's` : `the machine's: ${some}`,
    byDefault: "6 that are nobody's",
    privileged: "all of the machine's",
  };
}

function limits({ memory, pids }: ReturnType<typeof readStats>, pid: number): Power {
  const files = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1];
  const set = [
    ...(memory?.limitBytes !== undefined ? [`memory ${Math.round(memory.limitBytes / 2 ** 20)} MiB`] : []),
    ...(pids?.limit !== undefined ? [`${pids.limit} processes`] : []),
  ];
  return {
    name: "limits",
    degree: set.length > 0 ? "less" : "default",
    here: [set.length > 0 ? set.join(", ") : "none but the machine's", `${files} open files`].join(", "),
    byDefault: "none but the machine's",
    privileged: "none but the machine's",
  };
}

function isThere(pid: number, path: string): boolean {
  try {
    readdirSync(join(`/proc/${pid}/root`, path));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR";
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
