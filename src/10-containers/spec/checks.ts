// What Docker's daemon refuses to make a container of: limits too small to live in, mounts that lead nowhere, wishes that
// contradict each other. Found out before anything is made, and said in its words (moby: daemon/daemon_unix.go,
// daemon/container.go, volume/mounts/linux_parser.go).

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { posix } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { checkVolumeName } from "../../09-volumes/index.ts";
import { hasOwnUsers, isHost, joinedContainer } from "./namespaces.ts";
import type { MountOption, ResourceOptions, RunOptions } from "./options.ts";

/** A container with less can't even start its first program. */
const LEAST_MEMORY_BYTES = 6 * 1024 * 1024;
/** HOST_NAME_MAX of linux/limits.h. */
const LONGEST_HOSTNAME = 64;

/** What is wrong, if the first is so. */
type Rule = [isBroken: boolean, refusal: string];

/** @throws UserError for the first wish that can't be met */
export function checkOptions(options: RunOptions): void {
  refuseFirst(togetherRules(options));
  checkLimits(options);
  for (const mount of options.mounts) checkMount(mount);
  refuseFirst(duplicateMounts(options.mounts));
}

function refuseFirst(rules: Rule[]): void {
  const broken = rules.find(([isBroken]) => isBroken);
  if (broken) throw new UserError(broken[1]);
}

function togetherRules(options: RunOptions): Rule[] {
  const { hostname, workdir, remove, restart, oomScoreAdj = 0, extraHosts, dns, network, uts } = options;
  const isJoined = joinedContainer(network) !== undefined;
  const conflict = "conflicting options: ";
  return [
    [remove && restart.name !== "no", "can't create 'AutoRemove' container with restart policy"],
    [
      workdir !== undefined && !workdir.startsWith("/"),
      `the working directory '${workdir}' is invalid, it needs to be an absolute path`,
    ],
    [
      Buffer.byteLength(hostname ?? "") > LONGEST_HOSTNAME,
      `hostname ${JSON.stringify(hostname)} is too long (maximum ${LONGEST_HOSTNAME} bytes)`,
    ],
    [hostname !== undefined && isHost(uts), `${conflict}hostname and the UTS mode`],
    [hostname !== undefined && isJoined, `${conflict}hostname and the network mode`],
    [extraHosts.length > 0 && isJoined, `${conflict}custom host-to-IP mapping and the network mode`],
    [dns.length > 0 && isJoined, `${conflict}dns and the network mode`],
    [options.ports.length > 0 && isJoined, `${conflict}port publishing and the container type network mode`],
    [
      hasOwnUsers(options) &&
        [network, options.pid, options.ipc].some((choice) => joinedContainer(choice) !== undefined),
      `${conflict}--userns auto and a namespace of another container`,
    ],
    [
      hasOwnUsers(options) && [options.pid, options.ipc].some(isHost),
      `${conflict}--userns auto and the PID or IPC namespace of the host`,
    ],
    [
      options.mounts.some(({ idmap }) => idmap) && !hasOwnUsers(options),
      "a mount with idmap needs a container with users of its own (--userns auto)",
    ],
    [Math.abs(oomScoreAdj) > 1000, `Invalid value ${oomScoreAdj}, range for oom score adj is [-1000, 1000]`],
  ];
}

// ---- limits

/** Holds for `run` and for `update`. @throws UserError */
export function checkLimits(options: ResourceOptions): void {
  refuseFirst([...memoryRules(options), ...cpuRules(options)]);
  const { blkioWeight: weight = 0 } = options;
  refuseFirst([[weight !== 0 && (weight < 10 || weight > 1000), "Range of blkio weight is from 10 to 1000"]]);
}

function memoryRules({ memoryBytes = 0, memorySwapBytes = 0, memoryReservationBytes = 0 }: ResourceOptions): Rule[] {
  const isTooSmall = (bytes: number) => bytes > 0 && bytes < LEAST_MEMORY_BYTES;
  return [
    [isTooSmall(memoryBytes), "Minimum memory limit allowed is 6MB"],
    [
      memoryBytes > 0 && memorySwapBytes > 0 && memorySwapBytes < memoryBytes,
      "Minimum memoryswap limit should be larger than memory limit, see usage",
    ],
    [
      memoryBytes === 0 && memorySwapBytes > 0,
      "You should always set the Memory limit when using Memoryswap limit, see usage",
    ],
    [isTooSmall(memoryReservationBytes), "Minimum memory reservation allowed is 6MB"],
    [
      memoryBytes > 0 && memoryReservationBytes > memoryBytes,
      "Minimum memory limit can not be less than memory reservation limit, see usage",
    ],
  ];
}

function cpuRules({ nanoCpus = 0, cpuPeriodUs = 0, cpuQuotaUs = 0, cpuShares = 0 }: ResourceOptions): Rule[] {
  const cpus = availableParallelism();
  const both = "Conflicting options: Nano CPUs and CPU";
  return [
    [nanoCpus > 0 && cpuPeriodUs > 0, `${both} Period cannot both be set`],
    [nanoCpus > 0 && cpuQuotaUs > 0, `${both} Quota cannot both be set`],
    [
      nanoCpus < 0 || nanoCpus > cpus * 1e9,
      `range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`,
    ],
    [cpuShares < 0, `invalid CPU shares (${cpuShares}): value must be a positive integer`],
    [
      cpuPeriodUs !== 0 && (cpuPeriodUs < 1000 || cpuPeriodUs > 1_000_000),
      "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
    ],
    [cpuQuotaUs > 0 && cpuQuotaUs < 1000, "CPU cfs quota can not be less than 1ms (i.e. 1000)"],
  ];
}

// ---- mounts

const PROPAGATIONS = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

function checkMount(mount: MountOption): void {
  const { type, source, target, propagation, volume } = mount;
  const isVolume = type === "volume";
  const about = `invalid mount config for type "${type}": `;
  const isBind = type === "bind";
  refuseFirst([
    [!["bind", "volume", "tmpfs"].includes(type), `${about}mount type unknown`],
    [posix.normalize(target) === "/", `${about}invalid specification: destination can't be '/'`],
    [!target.startsWith("/"), `${about}invalid mount path: '${target}' mount path must be absolute`],
    [!isVolume && volume !== undefined, `${about}field VolumeOptions must not be specified`],
    [isVolume && propagation !== undefined, `${about}field BindOptions must not be specified`],
    [!isLocal(volume?.subpath), `${about}subpath must be a relative path within the volume`],
    [type === "tmpfs" && source !== undefined, `${about}field Source must not be specified`],
    [isBind && !source, `${about}field Source must not be empty`],
    [isBind && !source?.startsWith("/"), `${about}invalid mount path: '${source}' mount path must be absolute`],
    [
      propagation !== undefined && !PROPAGATIONS.includes(propagation),
      `${about}invalid propagation mode: ${propagation}`,
    ],
    [isBind && !mount.createSource && !existsSync(source ?? ""), `${about}bind source path does not exist: ${source}`],
  ]);
  for (const option of mount.options ?? []) checkTmpfsOption(option);
  if (isVolume && source !== undefined) checkVolumeName(source);
}

/** Whatever links there are: by its text alone it doesn't lead out. */
function isLocal(subpath = "."): boolean {
  return subpath !== "" && !subpath.startsWith("/") && !/^\.\.(\/|$)/.test(posix.normalize(subpath));
}

const TMPFS_WORDS = new Set(
  `ro rw exec noexec suid nosuid dev nodev sync async dirsync atime noatime diratime nodiratime relatime norelatime
  strictatime nostrictatime`.split(/\s+/),
);

function checkTmpfsOption(option: string): void {
  const isKnown = TMPFS_WORDS.has(option) || /^(size|mode|uid|gid|nr_inodes|nr_blocks|mpol)=./.test(option);
  if (!isKnown) throw new UserError(`invalid tmpfs option [${JSON.stringify(option)}]`);
}

function duplicateMounts(mounts: MountOption[]): Rule[] {
  const targets = mounts.map(({ target }) => posix.normalize(target));
  return targets.map((target, index) => [targets.indexOf(target) !== index, `Duplicate mount point: ${target}`]);
}
