// What `inspect` shows: Docker's shape, so that scripts written for it find what they look for.

import type { Mount } from "../../02-rootfs/index.ts";
import { type Container, readSpec } from "../container.ts";
import { listExecIds } from "../exec-records.ts";
import type { Roots } from "../folders.ts";
import { isAlive } from "../identity.ts";
import { networkSettings, portBindings } from "../network/settings.ts";
import { signalName } from "../signals.ts";
import type { Spec } from "../spec/oci.ts";
import type { MountOption, RunOptions } from "../spec/options.ts";
import { ownArgs } from "../spec/process.ts";
import { mountpointOf } from "./list-volumes.ts";

const NEVER = "0001-01-01T00:00:00Z";

export function inspectContainer(container: Container): Record<string, unknown> {
  const { record, folder, state } = container;
  const spec = readSpec(container);
  const [path = "", ...args] = ownArgs(spec.process?.args ?? []);
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: stateOf(container),
    Image: record.image.id,
    ResolvConfPath: `${folder.etc}/resolv.conf`,
    HostnamePath: `${folder.etc}/hostname`,
    HostsPath: `${folder.etc}/hosts`,
    LogPath: folder.log,
    Name: `/${record.name}`,
    RestartCount: state.restartCount,
    Driver: record.rootfs === "overlay" ? "overlay2" : "vfs",
    Platform: "linux",
    ExecIDs: isAlive(state.process) ? listExecIds(container) : null,
    HostConfig: hostConfig(record.options, spec),
    GraphDriver: graphDriver(container),
    Mounts: mountsOf(container, spec),
    Config: configOf(container, spec),
    NetworkSettings: networkSettings(container),
  };
}

function stateOf({ state }: Container) {
  const { status } = state;
  return {
    Status: status === "starting" ? "created" : status,
    Running: ["running", "paused", "restarting"].includes(status),
    Paused: status === "paused",
    Restarting: status === "restarting",
    OOMKilled: state.oomKilled,
    Dead: status === "dead",
    Pid: isAlive(state.process) ? state.process.pid : 0,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt || NEVER,
    FinishedAt: state.finishedAt || NEVER,
  };
}

function hostConfig(options: RunOptions, { linux, process }: Spec) {
  return {
    Binds: options.mounts.filter(isBound).map(bindText),
    VolumesFrom: options.volumesFrom ?? null,
    NetworkMode: options.network,
    PortBindings: portBindings(options),
    PublishAllPorts: options.publishAll,
    RestartPolicy: { Name: options.restart.name, MaximumRetryCount: options.restart.maximumRetryCount },
    AutoRemove: options.remove,
    Privileged: options.privileged,
    ReadonlyRootfs: options.readOnly,
    Init: options.init,
    CapAdd: options.capAdd.length > 0 ? options.capAdd : null,
    CapDrop: options.capDrop.length > 0 ? options.capDrop : null,
    SecurityOpt: options.securityOpt.length > 0 ? options.securityOpt : null,
    GroupAdd: options.groupAdd.length > 0 ? options.groupAdd : null,
    PidMode: options.pid ?? "",
    IpcMode: options.ipc ?? "private",
    UTSMode: options.uts ?? "",
    CgroupnsMode: options.cgroupns ?? "private",
    UsernsMode: options.userns ?? "",
    Dns: options.dns,
    DnsOptions: options.dnsOptions,
    DnsSearch: options.dnsSearch,
    ExtraHosts: options.extraHosts,
    Sysctls: options.sysctls,
    ShmSize: options.shmSizeBytes ?? 64 * 1024 * 1024,
    OomScoreAdj: options.oomScoreAdj ?? 0,
    Ulimits: options.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    Devices: options.devices.map(({ source, target, permissions }) => ({
      PathOnHost: source,
      PathInContainer: target,
      CgroupPermissions: permissions,
    })),
    Memory: options.memoryBytes ?? 0,
    MemorySwap: options.memorySwapBytes ?? linux?.resources?.memory?.swap ?? 0,
    MemoryReservation: options.memoryReservationBytes ?? 0,
    NanoCpus: options.nanoCpus ?? 0,
    CpuShares: options.cpuShares ?? 0,
    CpuPeriod: options.cpuPeriodUs ?? 0,
    CpuQuota: options.cpuQuotaUs ?? 0,
    CpusetCpus: options.cpusetCpus ?? "",
    CpusetMems: options.cpusetMems ?? "",
    PidsLimit: options.pidsLimit ?? null,
    BlkioWeight: options.blkioWeight ?? 0,
    CgroupParent: "",
    MaskedPaths: linux?.maskedPaths ?? [],
    ReadonlyPaths: linux?.readonlyPaths ?? [],
    NoNewPrivileges: process?.noNewPrivileges ?? false,
  };
}

function isBound({ type, volume }: MountOption): boolean {
  return type === "bind" || (type === "volume" && !volume?.isAnonymous);
}

/** As `-v` has it. */
function bindText({ source, target, readOnly, mode = readOnly ? "ro" : undefined }: MountOption): string {
  return [source, target, ...(mode === undefined ? [] : [mode])].join(":");
}

function graphDriver({ record, folder }: Container) {
  if (record.rootfs === "copy") return { Name: "vfs", Data: { Dir: folder.upper } };
  if (record.rootfs !== "overlay") return { Name: "vfs", Data: { Dir: record.rootfs.directory } };
  const lower = record.layers.toReversed().join(":");
  return { Name: "overlay2", Data: { LowerDir: lower, UpperDir: folder.upper, WorkDir: folder.work } };
}

/** Only what the person asked for, or the image: the kernel's own mounts are every container's. */
function mountsOf({ record, roots }: Container, spec: Spec) {
  return record.options.mounts.map((mount) => ({
    Type: mount.type,
    ...sourceOf(roots, mount),
    Destination: mount.target,
    ...(mount.type === "volume" && { Driver: "local" }),
    Mode: mount.mode ?? (mount.type === "volume" && !mount.volume?.isAnonymous ? SHARED_LABEL : ""),
    RW: !mount.readOnly,
    Propagation: mount.type === "volume" ? "" : propagationOf(spec.mounts?.find(isOn(mount.target))),
  }));
}

/** What SELinux would be told of a volume that has a name, as Docker has it. */
const SHARED_LABEL = "z";

function sourceOf(roots: Roots, { type, source = "" }: MountOption) {
  if (type === "tmpfs") return {};
  return type === "volume" ? { Name: source, Source: mountpointOf(roots, source) } : { Source: source };
}

const isOn = (path: string) => (mount: Mount) => mount.destination === path;

/** Where volumes are that nobody has named. */
function volumesOf({ mounts }: RunOptions): Record<string, object> | null {
  const unnamed = mounts.filter(({ volume }) => volume?.isAnonymous);
  return unnamed.length > 0 ? Object.fromEntries(unnamed.map(({ target }) => [target, {}])) : null;
}

function propagationOf(mount: Mount | undefined): string {
  return mount?.options?.find((option) => /^r?(private|shared|slave)$/.test(option)) ?? "";
}

function configOf({ record }: Container, { process, hostname, domainname }: Spec) {
  const { options } = record;
  return {
    Hostname: hostname ?? "",
    Domainname: domainname ?? "",
    User: options.user ?? "",
    Tty: options.tty,
    OpenStdin: options.interactive,
    StdinOnce: options.interactive,
    Env: process?.env ?? [],
    Cmd: options.command.length > 0 ? options.command : null,
    ExposedPorts: Object.fromEntries(options.expose.map((port) => [port, {}])),
    Image: record.image.reference,
    Volumes: volumesOf(options),
    WorkingDir: process?.cwd ?? "/",
    Entrypoint: options.entrypoint ?? null,
    Labels: options.labels,
    StopSignal: signalName(record.stopSignal),
    StopTimeout: record.stopTimeoutSeconds,
  };
}
