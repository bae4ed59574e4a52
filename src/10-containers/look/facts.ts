// The engine and its machine in one record, in Docker's shape: what `info` prints.

import { statfsSync } from "node:fs";
import { cpus, hostname, machine, release, totalmem } from "node:os";
import { findMachine } from "../../04-cgroups/index.ts";
import { overlayRefusal } from "../../05-overlay/index.ts";
import { listImages } from "../../06-images/index.ts";
import type { Container } from "../container.ts";
import { readText } from "../files.ts";
import type { Roots } from "../folders.ts";
import { allContainers } from "../settle.ts";
import { stateName } from "./status.ts";

/** Docker's field names. `version` is the program's own. */
export async function systemFacts(roots: Roots, version: string) {
  const containers = await allContainers(roots);
  return {
    Containers: containers.length,
    ContainersRunning: count(containers, "running", "restarting"),
    ContainersPaused: count(containers, "paused"),
    ContainersStopped: count(containers, "created", "exited", "dead", "removing"),
    Images: new Set(listImages(roots.root).map(({ id }) => id)).size,
    ...storage(roots),
    LoggingDriver: "cri",
    ...groups(),
    KernelVersion: release(),
    OperatingSystem: operatingSystem(),
    OSType: "linux",
    Architecture: machine(),
    NCPU: cpus().length,
    MemTotal: totalmem(),
    DockerRootDir: roots.root,
    StateDir: roots.state,
    Name: hostname(),
    ServerVersion: version,
    SecurityOptions: securityOptions(),
    Warnings: warnings(),
  };
}

export type SystemFacts = Awaited<ReturnType<typeof systemFacts>>;

function count(containers: Container[], ...states: string[]): number {
  return containers.filter(({ state }) => states.includes(stateName(state))).length;
}

const FILESYSTEMS: Record<number, string> = {
  61267: "extfs",
  1481003842: "xfs",
  2435016766: "btrfs",
  16914836: "tmpfs",
  2035054128: "overlayfs",
  801189825: "zfs",
};

function storage({ root }: Roots) {
  const [refusal, type] = [tried(() => overlayRefusal(root)), tried(() => statfsSync(root).type)];
  const backing = type === undefined ? "<unknown>" : (FILESYSTEMS[type] ?? `0x${type.toString(16)}`);
  return { Driver: refusal === undefined ? "overlay2" : "vfs", DriverStatus: [["Backing Filesystem", backing]] };
}

/** Before the first container there is no such folder. */
function tried<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function groups() {
  const { bases } = findMachine();
  const has = (...names: string[]) => bases.some(({ controllers }) => names.some((name) => controllers.includes(name)));
  const isV1 = bases.some(({ version, controllers }) => version === 1 && controllers.includes("memory"));
  return {
    CgroupDriver: "cgroupfs",
    CgroupVersion: isV1 ? "1" : "2",
    MemoryLimit: has("memory"),
    SwapLimit: has("memory"),
    CpuCfsPeriod: has("cpu"),
    CpuCfsQuota: has("cpu"),
    CPUShares: has("cpu"),
    CPUSet: has("cpuset"),
    PidsLimit: has("pids"),
  };
}

/** `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"` */
function operatingSystem(): string {
  const text = readText("/etc/os-release") ?? "";
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? "Linux";
}

function securityOptions(): string[] {
  const rootless = process.getuid?.() === 0 ? [] : ["name=rootless"];
  return ["name=seccomp,profile=builtin", ...rootless, "name=cgroupns"];
}

const WARNED: [keyof ReturnType<typeof groups>, string][] = [
  ["MemoryLimit", "No memory limit support"],
  ["CpuCfsQuota", "No cpu cfs quota support"],
  ["CPUSet", "No cpuset support"],
  ["PidsLimit", "No pids limit support"],
];

function warnings(): string[] {
  const found = groups();
  return WARNED.flatMap(([field, text]) => (found[field] ? [] : [`WARNING: ${text}`]));
}
