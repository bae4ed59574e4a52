// The flags of `run` and `create`: Docker's names, kinds and help, and which field of the options each one sets.
// `update` shares those that limit, so they have a table of their own.

import {
  type EndpointWish,
  type ResourceOptions,
  type RunOptions,
  runOptions,
} from "../../10-containers/spec/options.ts";
import { type FlagGroup, setters } from "./flags.ts";
import { environmentVariable, label, splitPair } from "./key-values.ts";
import { device, mount, tmpfs, volume, volumesFrom } from "./mount-values.ts";
import * as net from "./network-values.ts";
import { platformFlag } from "./platform-flag.ts";
import type { StageModule } from "./run-values.ts";
import * as value from "./run-values.ts";
import { boolean, bytes, bytesOrUnlimited, integer, nanoCpus, unsigned16 } from "./values.ts";
import { NOT_WATCHED, WATCH_FLAGS, type WatchAsked } from "./watch-flags.ts";

/** What is asked of the container, and of this command besides. */
export interface RunCommand extends RunOptions, WatchAsked {
  detach: boolean;
  /** `stdin`, `stdout`, `stderr`; empty means Docker's choice: output always, input with `-i`. */
  attach: string[];
  /** Bytes; empty means Ctrl-P Ctrl-Q. */
  detachKeys: number[];
  sigProxy: boolean;
  cidfile?: string;
  pull: string;
  quiet: boolean;
  envFile: string[];
  labelFile: string[];

  /** Say what would run, and run nothing. */
  dryRun: boolean;

  /** `--network`, as often as it was given, and what is meant for the first of them. */
  networks: EndpointWish[];
  networkAliases: string[];
  ip?: string;
  ip6?: string;
  macAddress?: string;

  /** In the place of stages of ours. */
  modules: StageModule[];
  /** With them, where the machine is and not in a lab. */
  onHost: boolean;
}

/** The command as it is before any flag was read. */
export function runCommand(): RunCommand {
  return {
    ...runOptions(""),
    detach: false,
    attach: [],
    detachKeys: [],
    sigProxy: true,
    pull: "missing",
    quiet: false,
    envFile: [],
    labelFile: [],
    dryRun: false,
    networks: [],
    networkAliases: [],
    modules: [],
    onHost: false,
    ...NOT_WATCHED,
  };
}

const text = (given: string): string => given;

const limit = setters<ResourceOptions>();

export const LIMIT_FLAGS: FlagGroup<ResourceOptions>[] = [
  [
    "Limits:",
    ["-m, --memory", "bytes", "Memory limit", limit.one("memoryBytes", bytes)],
    [
      "--memory-swap",
      "bytes",
      "Memory and swap together ('-1': unlimited swap)",
      limit.one("memorySwapBytes", bytesOrUnlimited),
    ],
    ["--memory-reservation", "bytes", "Memory soft limit", limit.one("memoryReservationBytes", bytes)],
    ["--cpus", "decimal", "Number of CPUs", limit.one("nanoCpus", nanoCpus)],
    ["-c, --cpu-shares", "int", "CPU shares (relative weight)", limit.one("cpuShares", integer)],
    ["--cpu-period", "int", "CPU period in microseconds", limit.one("cpuPeriodUs", integer)],
    ["--cpu-quota", "int", "CPU time in each period, in microseconds", limit.one("cpuQuotaUs", integer)],
    ["--cpuset-cpus", "string", "CPUs in which to allow execution (0-3, 0,1)", limit.one("cpusetCpus", text)],
    ["--cpuset-mems", "string", "MEMs in which to allow execution (0-3, 0,1)", limit.one("cpusetMems", text)],
    ["--pids-limit", "int", "Number of processes (-1: unlimited)", limit.one("pidsLimit", integer)],
    ["--blkio-weight", "uint16", "Block IO (relative weight), 10 to 1000", limit.one("blkioWeight", unsigned16)],
  ],
];

const run = setters<RunCommand>();

export const RUN_FLAGS: FlagGroup<RunCommand>[] = [
  [
    "Options:",
    ["-d, --detach", "", "Run in background and print the container's ID", run.one("detach", boolean)],
    ["-i, --interactive", "", "Keep STDIN open even if not attached", run.one("interactive", boolean)],
    ["-t, --tty", "", "Allocate a pseudo-TTY", run.one("tty", boolean)],
    ["--rm", "", "Remove the container when it exits", run.one("remove", boolean)],
    ["--name", "string", "Assign a name to the container", run.one("name", text)],
    ["-e, --env", "list", "Set environment variables", run.many("env", environmentVariable)],
    ["--env-file", "list", "Read in a file of environment variables", run.many("envFile", text)],
    ["-u, --user", "string", "Name or UID (<name|uid>[:<group|gid>])", run.one("user", text)],
    ["--group-add", "list", "Add additional groups to join", run.many("groupAdd", text)],
    ["-w, --workdir", "string", "Working directory inside the container", run.one("workdir", text)],
    ["--entrypoint", "string", "Overwrite the image's ENTRYPOINT", run.one("entrypoint", entrypoint)],
    ["-l, --label", "list", "Set meta data on a container", keyed("labels", label)],
    ["--label-file", "list", "Read in a file of labels", run.many("labelFile", text)],
    ["--annotation", "map", "Add an annotation to config.json", keyed("annotations", splitPair)],
    platformFlag("Run the image for the given platform"),
    ["--pull", "string", 'Fetch the image first: "always", "missing", "never"', run.one("pull", text)],
    ["-q, --quiet", "", "Suppress the pull output", run.one("quiet", boolean)],
    ["--cidfile", "string", "Write the container ID to the file", run.one("cidfile", text)],
    ["-a, --attach", "list", "Attach to STDIN, STDOUT or STDERR", run.many("attach", value.stream)],
    ["--detach-keys", "string", "Keys to leave by (ctrl-p,ctrl-q)", run.one("detachKeys", value.detachKeys)],
    ["--sig-proxy", "", "Pass signals on to the process (default true)", run.one("sigProxy", boolean)],
  ],
  [
    "Life:",
    ["--init", "", "Run an init that forwards signals and reaps processes", run.one("init", boolean)],
    [
      "--restart",
      "string",
      'When it exits: "no", "on-failure[:max]", "unless-stopped"',
      run.one("restart", value.restartPolicy),
    ],
    ["--stop-signal", "string", "Signal to stop the container", run.one("stopSignal", text)],
    ["--stop-timeout", "int", "Seconds until it is killed", run.one("stopTimeoutSeconds", integer)],
  ],
  [
    "Files:",
    ["-v, --volume", "list", "Bind mount a volume", run.many("mounts", volume)],
    ["--mount", "mount", "Attach a filesystem mount to the container", run.many("mounts", mount)],
    ["--volumes-from", "list", "Mount volumes from the specified container(s)", run.many("volumesFrom", volumesFrom)],
    ["--tmpfs", "list", "Mount a tmpfs directory", run.many("mounts", tmpfs)],
    ["--read-only", "", "Mount the root filesystem as read only", run.one("readOnly", boolean)],
    ["--shm-size", "bytes", "Size of /dev/shm", run.one("shmSizeBytes", bytes)],
    ["--device", "list", "Add a host device to the container", run.many("devices", device)],
  ],
  [
    "Network:",
    [
      "--network",
      "network",
      'A network, "none", "host", "container:<name|id>"; of ordinary users also "slirp4netns", "pasta"',
      run.many("networks", net.endpoint),
    ],
    ["-p, --publish", "list", "Publish a container's port(s) to the host", all("ports", net.publish)],
    ["-P, --publish-all", "", "Publish all exposed ports to random ports", run.one("publishAll", boolean)],
    ["--expose", "list", "Expose a port or a range of ports", all("expose", net.expose)],
    ["--ip", "ip", "IPv4 address (e.g., 172.30.100.104)", run.one("ip", net.ipv4)],
    ["--ip6", "ip", "IPv6 address (e.g., 2001:db8::33)", run.one("ip6", net.ipv6)],
    ["--mac-address", "string", "Container MAC address", run.one("macAddress", net.macAddress)],
    ["--network-alias", "list", "Add network-scoped alias for the container", run.many("networkAliases", text)],
    ["--add-host", "list", "Add a host-to-IP mapping (host:ip)", run.many("extraHosts", value.extraHost)],
    ["--dns", "list", "Set custom DNS servers", run.many("dns", value.ipAddress)],
    ["--dns-search", "list", "Set custom DNS search domains", run.many("dnsSearch", text)],
    ["--dns-option", "list", "Set DNS options", run.many("dnsOptions", text)],
  ],
  [
    "Namespaces:",
    ["-h, --hostname", "string", "Container host name", run.one("hostname", text)],
    ["--domainname", "string", "Container NIS domain name", run.one("domainname", text)],
    ["--pid", "string", 'PID namespace: "host" or "container:<name|id>"', run.one("pid", text)],
    ["--ipc", "string", 'IPC: "none", "private", "host", "container:<name|id>"', run.one("ipc", text)],
    ["--uts", "string", 'UTS namespace: "host"', run.one("uts", text)],
    ["--cgroupns", "string", 'Cgroup namespace: "private" or "host"', run.one("cgroupns", text)],
    [
      "--userns",
      "string",
      'User namespace: "private", "host", or "auto" for users of its own',
      run.one("userns", text),
    ],
  ],
  [
    "Power:",
    ["--cap-add", "list", "Add Linux capabilities", run.many("capAdd", text)],
    ["--cap-drop", "list", "Drop Linux capabilities", run.many("capDrop", text)],
    [
      "--security-opt",
      "list",
      "seccomp=…, landlock=…, no-new-privileges, systempaths=…",
      run.many("securityOpt", text),
    ],
    ["--privileged", "", "Give extended privileges to the container", run.one("privileged", boolean)],
    [
      "--sysctl",
      "map",
      "Kernel settings of its namespaces",
      keyed("sysctls", (given) => splitPair(value.sysctl(given))),
    ],
    ["--device-cgroup-rule", "list", "Add a rule for devices", run.many("deviceCgroupRules", value.deviceCgroupRule)],
  ],
  ...LIMIT_FLAGS,
  [
    "More limits:",
    ["--ulimit", "ulimit", "Limits of each process (nofile=1024:2048)", run.many("ulimits", value.ulimit)],
    ["--memory-swappiness", "int", "Swap early or late (0 to 100)", run.one("memorySwappiness", value.swappiness)],
    ["--oom-kill-disable", "", "Disable OOM Killer", run.one("oomKillDisable", boolean)],
    ["--oom-score-adj", "int", "Killed last or first (-1000 to 1000)", run.one("oomScoreAdj", integer)],
    ["--device-read-bps", "list", "Bytes read a second (path:rate)", run.many("deviceReadBps", value.bytesRate)],
    ["--device-write-bps", "list", "Bytes written a second", run.many("deviceWriteBps", value.bytesRate)],
    ["--device-read-iops", "list", "Reads a second", run.many("deviceReadIops", value.operationsRate)],
    ["--device-write-iops", "list", "Writes a second", run.many("deviceWriteIops", value.operationsRate)],
  ],
  [...WATCH_FLAGS, ["--dry-run", "", "Print the system calls without making them", run.one("dryRun", boolean)]],
  [
    "A stage of your own:",
    ["--with", "stage=file", "Use your module's functions (03=./mine.ts)", run.many("modules", value.stageModule)],
    ["--on-host", "", "Where your machine is, and not in a lab", run.one("onHost", boolean)],
  ],
  [
    "",
    ["--net", "network", "Same as --network", run.many("networks", net.endpoint)],
    ["--net-alias", "list", "Same as --network-alias", run.many("networkAliases", text)],
    ["--dns-opt", "list", "Same as --dns-option", run.many("dnsOptions", text)],
  ],
];

/** `--entrypoint ""` takes the image's away. */
function entrypoint(given: string): string[] {
  return given === "" ? [] : [given];
}

/** Several more of a list. */
function all<K extends "ports" | "expose">(field: K, parse: (given: string) => RunCommand[K]) {
  return (target: RunCommand, given: string) => {
    target[field] = [...target[field], ...parse(given)] as RunCommand[K];
  };
}

/** One more pair of a record; the same key again replaces. */
function keyed<K extends "labels" | "annotations" | "sysctls">(field: K, parse: (given: string) => [string, string]) {
  return (target: RunCommand, given: string) => {
    const [key, pairValue] = parse(given);
    target[field] = { ...target[field], [key]: pairValue };
  };
}
