// What a test needs of the machine, by name. No machine has everything: cgroup v1 and a pure v2 exclude each other, and
// so do root and an ordinary user. A test whose need isn't met is left out *and written down with the reason*, so that
// the union of several beds can tell which tests ran nowhere (see bed.ts).
//
// The file's own name is a need too: `*.root.test.ts` needs root, `*.user.test.ts` an ordinary user (see runner.ts).

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { landlockAbi } from "../../src/07-security/landlock.ts";

const BRIDGE_ASKS = "/proc/sys/net/bridge/bridge-nf-call-iptables";

type Probe = { reason: string; met: () => boolean };

const NAMED = {
  root: { reason: "root", met: () => process.getuid?.() === 0 },
  user: { reason: "an ordinary user who may create user namespaces", met: () => !isRoot() && hasUserNamespaces() },
  userns: { reason: "user namespaces", met: () => hasUserNamespaces() },
  timens: { reason: "time namespaces", met: () => existsSync("/proc/self/ns/time") },
  tun: { reason: "tun devices", met: () => existsSync("/dev/net") && / tun$/m.test(read("/proc/misc")) },
  brnetfilter: { reason: "a firewall that bridges ask, too", met: () => read(BRIDGE_ASKS).startsWith("1") },
  overlay: { reason: "overlayfs", met: () => hasFilesystem("overlay") },

  cgroup1: { reason: "cgroup v1 with its memory controller", met: () => hasMount("cgroup", "memory") },
  cgroup2: { reason: "cgroup v2 alone, with its controllers", met: () => controllers().includes("memory") },
  delegation: { reason: "a cgroup of the user's own", met: () => ownsCgroup() },

  x64: { reason: "an x86-64 processor", met: () => process.arch === "x64" },
  arm64: { reason: "an arm64 processor", met: () => process.arch === "arm64" },
  libseccomp: { reason: "libseccomp's headers", met: () => existsSync("/usr/include/seccomp.h") },
  selinux: { reason: "SELinux", met: () => existsSync("/sys/fs/selinux/enforce") },
  landlock: { reason: "Landlock", met: () => landlockAbi() > 0 },
  // Debian has its server in no PATH.
  postgres: { reason: "postgresql", met: () => existsSync("/usr/lib/postgresql") },
  apparmor: { reason: "AppArmor", met: () => existsSync("/sys/kernel/security/apparmor/profiles") },
  // The guest emulates its processor: what only repeats itself, or races a clock, would take minutes there.
  speed: { reason: "a processor that isn't emulated", met: () => !isEmulated() },
} satisfies Record<string, Probe>;

/** A name from the table, a program in PATH, a kernel at least that new, a v2 controller, or a capability of ours. */
export type Need =
  | keyof typeof NAMED
  | `program:${string}`
  | `kernel:${number}.${number}`
  | `controller:${string}`
  | `capability:${number}`;

declare module "vitest" {
  interface TaskMeta {
    /** Why this test didn't run here, such as "needs root". */
    leftOut?: string;
  }
}

/**
 * Options for `test` or `describe`: `test("…", needs("root", "cgroup2"), () => …)`. With a need unmet the test is
 * left out, and says why.
 */
export function needs(...names: Need[]): { skip?: true; meta?: { leftOut: string } } {
  const missing = names.filter((name) => !isMet(name));
  if (missing.length === 0) return {};
  return { skip: true, meta: { leftOut: `needs ${missing.map(reasonOf).join(" and ")}` } };
}

const answers = new Map<Need, boolean>();

function isMet(name: Need): boolean {
  const known = answers.get(name) ?? probe(name).met();
  answers.set(name, known);
  return known;
}

function reasonOf(name: Need): string {
  return probe(name).reason;
}

function probe(name: Need): Probe {
  if (name in NAMED) return NAMED[name as keyof typeof NAMED];
  const [kind, value = ""] = name.split(":");
  if (kind === "program") return { reason: value, met: () => hasProgram(value) };
  if (kind === "kernel") return { reason: `Linux ${value}`, met: () => isKernelAtLeast(value) };
  if (kind === "controller") return { reason: `cgroup v2's ${value}`, met: () => controllers().includes(value) };
  if (kind === "capability") return { reason: `capability ${value}`, met: () => hasCapability(Number(value)) };
  throw new Error(`Nobody knows the need "${name}"`);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function hasUserNamespaces(): boolean {
  return spawnSync("unshare", ["--user", "--map-root-user", "true"]).status === 0;
}

function hasFilesystem(name: string): boolean {
  return read("/proc/filesystems")
    .split("\n")
    .some((line) => line.endsWith(`\t${name}`));
}

function hasMount(type: string, option: string): boolean {
  return mounts().some((mount) => mount.type === type && mount.options.includes(option));
}

/** The controllers that a pure v2 machine offers at its root; none on v1 and hybrid. */
function controllers(): string[] {
  return read("/sys/fs/cgroup/cgroup.controllers").trim().split(/\s+/);
}

/** Delegation (cgroups(7)): the folder and the file that takes processes are the user's own. */
function ownsCgroup(): boolean {
  const path = /^0::(.*)$/m.exec(read("/proc/self/cgroup"))?.[1] ?? "/";
  const folder = `/sys/fs/cgroup${path}`;
  return path !== "/" && isWritable(folder) && isWritable(`${folder}/cgroup.procs`);
}

function hasProgram(name: string): boolean {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.some((folder) => existsSync(`${folder}/${name}`));
}

function isKernelAtLeast(version: string): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = version.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function hasCapability(number: number): boolean {
  const effective = /^CapEff:\s*(\w+)/m.exec(read("/proc/self/status"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BigInt(number)) & 1n) === 1n;
}

function isEmulated(): boolean {
  return read("/proc/cpuinfo").includes("QEMU TCG");
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** proc_pid_mountinfo(5): what stands before " - " is of varying length, what comes after it is type, source, options. */
function mounts(): { type: string; options: string[] }[] {
  const lines = read("/proc/self/mountinfo").trim().split("\n");
  return lines.map((line) => {
    const [type = "", , options = ""] = (line.split(" - ")[1] ?? "").split(" ");
    return { type, options: options.split(",") };
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
