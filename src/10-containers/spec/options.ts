// What a person can ask of a container, as plain data: the flags of `run` and `create` after they were read, and what
// the daemon's API will ask for later. Values are parsed (bytes, nanoseconds of CPU, absolute paths); nothing is looked
// up yet. A field that is missing was not asked for, and the image or Docker's default decides.

import type { Platform } from "../../06-images/index.ts";
import type { PortWish } from "../../08-network/index.ts";

export interface RunOptions extends ResourceOptions {
  image: string;
  /** Of an image for several machines, the one for this. */
  platform?: Platform;
  /** What follows the image's name; empty means the image's own command. */
  command: string[];
  /** Replaces the image's entrypoint; an empty list drops it, and the image's command with it. */
  entrypoint?: string[];

  name?: string;
  hostname?: string;
  domainname?: string;
  /** `user`, `uid`, `user:group`, `uid:gid` and their mixtures, to be looked up in the image's /etc/passwd. */
  user?: string;
  groupAdd: string[];
  /** Absolute. */
  workdir?: string;
  /** `NAME=value`; a bare `NAME` takes the variable out again. */
  env: string[];
  labels: Record<string, string>;
  annotations: Record<string, string>;

  /** A terminal for the container, and an open standard input. */
  tty: boolean;
  interactive: boolean;
  /** Removed as soon as it has exited. */
  remove: boolean;
  restart: RestartPolicy;
  stopSignal?: string;
  stopTimeoutSeconds?: number;
  /** A small process 1 that reaps children and passes signals on. */
  init: boolean;

  mounts: MountOption[];
  /** `NAME[:ro|rw]`: containers whose binds and volumes this one is to have, too. */
  volumesFrom?: string[];
  shmSizeBytes?: number;
  /** What it writes is kept in memory, at most so much, and is gone when it ends. */
  scratchBytes?: number;
  readOnly: boolean;
  devices: DeviceOption[];
  /** `c 1:3 rwm`, as cgroup v1's devices.allow takes it. */
  deviceCgroupRules: string[];

  privileged: boolean;
  capAdd: string[];
  capDrop: string[];
  /** `no-new-privileges`, `seccomp=unconfined`, `seccomp={…a profile's JSON…}`, `systempaths=unconfined`, … */
  securityOpt: string[];
  ulimits: Ulimit[];
  sysctls: Record<string, string>;
  /** -1000 (never the first to be killed) to 1000. */
  oomScoreAdj?: number;

  /** The name of a network it is on, or one of the words of NamespaceChoice. */
  network: NamespaceChoice;
  /** Nobody has asked for that: where this machine can't have it, the container does without. */
  isDefaultNetwork?: boolean;
  /** All networks of ours it is on; the way to everybody else is through the first. */
  endpoints: EndpointWish[];
  ports: PortWish[];
  /** Each port it is said to listen on gets one of the host's. */
  publishAll: boolean;
  /** `80/tcp`: those that the image names, too. */
  expose: string[];
  pid?: NamespaceChoice;
  ipc?: NamespaceChoice;
  uts?: NamespaceChoice;
  cgroupns?: NamespaceChoice;
  /** Where its root is who starts it: he can't change from inside what he lends it read-only. */
  isSealed?: boolean;
  /** It may divide among its own groups what it is given, but not have more. */
  delegateCgroups?: boolean;
  /** "auto": with users that are nobody else's on the host. */
  userns?: NamespaceChoice;

  /** `host:address`, for /etc/hosts. */
  extraHosts: string[];
  dns: string[];
  dnsSearch: string[];
  dnsOptions: string[];
}

/** Limits: what `run` can set and `update` can change. Bytes, microseconds; -1 is no limit. */
export interface ResourceOptions {
  memoryBytes?: number;
  /** Memory and swap together. */
  memorySwapBytes?: number;
  memoryReservationBytes?: number;
  /** 0 (never swap) to 100. */
  memorySwappiness?: number;
  oomKillDisable?: boolean;
  /** Billionths of a CPU: 1.5 CPUs are 1_500_000_000. */
  nanoCpus?: number;
  cpuPeriodUs?: number;
  cpuQuotaUs?: number;
  /** A weight; 1024 is everybody's default. */
  cpuShares?: number;
  /** `0-3,7` */
  cpusetCpus?: string;
  cpusetMems?: string;
  pidsLimit?: number;
  /** 10 to 1000. */
  blkioWeight?: number;
  deviceReadBps?: DeviceRate[];
  deviceWriteBps?: DeviceRate[];
  deviceReadIops?: DeviceRate[];
  deviceWriteIops?: DeviceRate[];
}

/** `none`: its own, left empty; `private`: its own; `host`: none; `container:NAME`: that one's. */
export type NamespaceChoice = string;

export interface EndpointWish {
  network: string;
  /** What it is called there besides its own name. */
  aliases: string[];
  /** An address of the network; the next one that is free unless said. */
  address?: string;
  /** The same of IPv6; one made of the other unless said. */
  address6?: string;
  mac?: string;
}

export interface RestartPolicy {
  name: "no" | "on-failure" | "always" | "unless-stopped";
  /** With `on-failure` only; 0 is without end. */
  maximumRetryCount: number;
}

export interface MountOption {
  type: "bind" | "volume" | "tmpfs";
  /** A path of the host, absolute, or a volume's name. */
  source?: string;
  /** Absolute, in the container. */
  target: string;
  readOnly: boolean;
  /** What stood behind the second colon of `-v`, to be shown again. */
  mode?: string;
  propagation?: string;
  /** In a container with users of its own: files belong in there to the users of the same numbers. */
  idmap?: boolean;
  /** Without the mounts below the source. */
  nonRecursive?: boolean;
  /** Makes the source if it is missing: `-v` does, `--mount` does not. */
  createSource?: boolean;
  /** Of a tmpfs: `size=64m`, `mode=1777`, `exec`, … */
  options?: string[];
  /** Of a volume. */
  volume?: VolumeOption;
}

/** What is said of a volume where it is mounted. Labels and driver options count if it has to be made. */
export interface VolumeOption {
  /** Nobody has named it, and it goes with the container that it was made for. */
  isAnonymous?: boolean;
  /** Without the files that the image has there. */
  noCopy?: boolean;
  /** A folder or file in it, instead of all. */
  subpath?: string;
  driver?: string;
  labels?: Record<string, string>;
  options?: Record<string, string>;
}

export interface DeviceOption {
  source: string;
  target: string;
  /** Letters of `rwm`. */
  permissions: string;
}

/** `soft` and `hard` are -1 for no limit. */
export interface Ulimit {
  /** `nofile`, `core`, …: RLIMIT_* in small letters. */
  name: string;
  soft: number;
  hard: number;
}

/** `rate` is bytes or operations a second. */
export interface DeviceRate {
  path: string;
  rate: number;
}

/** Asks for `image` and nothing else; what is `given` is asked for besides. */
export function runOptions(image: string, given: Partial<RunOptions> = {}): RunOptions {
  return {
    image,
    command: [],
    groupAdd: [],
    env: [],
    labels: {},
    annotations: {},
    tty: false,
    interactive: false,
    remove: false,
    restart: { name: "no", maximumRetryCount: 0 },
    init: false,
    mounts: [],
    readOnly: false,
    devices: [],
    deviceCgroupRules: [],
    privileged: false,
    capAdd: [],
    capDrop: [],
    securityOpt: [],
    ulimits: [],
    sysctls: {},
    network: "none",
    endpoints: [],
    ports: [],
    publishAll: false,
    expose: [],
    extraHosts: [],
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    ...given,
  };
}
