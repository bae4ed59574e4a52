// What there is on this host, before a test and after it: an engine must leave the machine as it found it. Everything a
// container is made of shows up in one of these lists, so whatever is left behind is named.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";

/** Kind of thing → the things of that kind, one line each, sorted. */
export type Inventory = Record<string, string[]>;

/** Every process started from a test carries this variable, so that one that outlives its parent is still known as ours. */
export const MARK = "MINI_DOCKER_TEST";

export function takeInventory(): Inventory {
  return {
    mount: mounts(),
    cgroup: cgroups(),
    process: processes(),
    link: Object.keys(networkInterfaces()).concat(list("/sys/class/net")),
    address: addresses(),
    route: routes(),
    firewall: firewall(),
    setting: settings(),
    file: [...tree("/var/lib/mini-docker"), ...tree("/run/mini-docker"), ...temporary()],
    descriptor: descriptors(),
  };
}

/** Groups and processes of others may end while we test; anything else that is gone was taken away. */
const MAY_END = ["cgroup", "process"];

/** One line for each thing that came (+) or went (-), without what lies inside of such a thing; empty when nothing did. */
export function differences(before: Inventory, after: Inventory): string[] {
  const all = Object.entries(after).flatMap(([kind, now]) => {
    const old = before[kind] ?? [];
    const gone = MAY_END.includes(kind) ? [] : without(old, now);
    return [...without(now, old).map((line) => `+ ${kind} ${line}`), ...gone.map((line) => `- ${kind} ${line}`)];
  });
  return all.filter((line) => !all.some((other) => line.startsWith(`${other}/`)));
}

/** Lists are bags: two equal mounts on top of each other are two. */
function without(lines: string[], others: string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Root, mount point, options and propagation, type and source: all but the ids, which are never the same twice. */
function mounts(): string[] {
  return lines("/proc/self/mountinfo").map((line) => line.split(" ").slice(3).join(" "));
}

/** Ours are below a parent called `mini-docker`, which sits in the root of a hierarchy or in a user's own cgroup. */
function cgroups(): string[] {
  const ours = ["-name", "mini-docker", "-o", "-path", "*/mini-docker/*"];
  // Other tests may run beside these, in a box (scripts/box.sh).
  const boxes = ["-path", "*/mini-docker/box-*", "-prune", "-o"];
  const find = spawnSync("find", ["/sys/fs/cgroup", ...boxes, "-type", "d", "(", ...ours, ")", "-print"]);
  return find.stdout.toString().split("\n").filter(Boolean);
}

function processes(): string[] {
  const mark = `${MARK}=${process.env[MARK]}\0`;
  const own = list("/proc").filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/environ`).includes(mark));
  return own.filter((pid) => Number(pid) !== process.pid).map((pid) => `${pid} ${commandLine(pid)}`);
}

function commandLine(pid: string): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() || read(`/proc/${pid}/comm`).trim();
}

function addresses(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([link, all = []]) => all.map(({ cidr }) => `${link} ${cidr}`));
}

/** Link, destination and gateway; the rest are counters. */
function routes(): string[] {
  return lines("/proc/net/route").map((line) => line.split("\t").slice(0, 3).join(" "));
}

function firewall(): string[] {
  const { status, stdout } = spawnSync("nft", ["list", "ruleset"], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n") : [];
}

/** What the attacks of our own tests try to change. */
function settings(): string[] {
  const names = ["kernel/hostname", "kernel/core_pattern", "net/ipv4/ip_forward", "vm/overcommit_memory"];
  return names.map((name) => `${name} = ${read(`/proc/sys/${name}`).trim()}`);
}

function tree(folder: string): string[] {
  return list(folder, true).map((name) => join(folder, name));
}

/** What a test makes for itself goes with the temporary folder it makes it in; what the engine makes is called after it. */
function temporary(): string[] {
  const names = list(tmpdir()).filter((name) => name.startsWith("mini-docker"));
  return names.map((name) => join(tmpdir(), name));
}

/** The one that reads this very folder is closed by the time we ask; the launcher's sealed copy is kept on purpose. */
function descriptors(): string[] {
  const targets = list("/proc/self/fd").flatMap((fd) => target(`/proc/self/fd/${fd}`) ?? []);
  return targets.filter((path) => !path.startsWith("/memfd:mini-docker"));
}

function target(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

function lines(path: string): string[] {
  return read(path).trim().split("\n");
}

/** Things come and go while we look; what is gone has no content and no entries. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function list(folder: string, recursive = false): string[] {
  try {
    return readdirSync(folder, { recursive, encoding: "utf8" }).sort();
  } catch {
    return [];
  }
}
