// config.json: what a person asked for and what the image proposes, in the words every OCI runtime understands. Each
// part has a file of its own; here they are put together. Nothing is looked up and nothing is made.

import { LANDLOCK_ANNOTATION, type Rlimit, setsFor } from "../../07-security/index.ts";
import { deviceNodes, deviceRules, type HostDevices, limits } from "./limits.ts";
import { type BoundFiles, mountList } from "./mounts.ts";
import {
  hasUserNamespace,
  isHost,
  type Joined,
  joinedContainer,
  namespaceList,
  type Owner,
  userMap,
} from "./namespaces.ts";
import { type Linux, OCI_VERSION, type Process, RLIM_INFINITY, type Spec } from "./oci.ts";
import type { RunOptions, Ulimit } from "./options.ts";
import { commandLine, environment, type ImageConfig, processArgs } from "./process.ts";
import type { Security } from "./security.ts";

export interface SpecInput {
  options: RunOptions;
  image: ImageConfig;
  id: string;
  hostname: string;
  owner: Owner;
  files: BoundFiles;
  joined: Joined;
  hostDevices: HostDevices;
  security: Security;
}

/** The user is still root and HOME is missing: both need the image's /etc/passwd (see `withUser`). */
export function containerSpec(input: SpecInput): Spec {
  const { options, files, owner, joined } = input;
  const hasHostname = !isHost(options.uts) && joined.uts === undefined;
  return {
    ociVersion: OCI_VERSION,
    process: processOf(input),
    root: { path: "rootfs", readonly: options.readOnly },
    ...(hasHostname && { hostname: input.hostname }),
    ...(hasHostname && options.domainname !== undefined && { domainname: options.domainname }),
    mounts: mountList(options, files, owner),
    annotations: annotations(input),
    linux: linuxOf(input),
  };
}

function processOf({ options, image, hostname, security }: SpecInput): Process {
  const { capabilities, noNewPrivileges } = security;
  return {
    terminal: options.tty,
    user: { uid: 0, gid: 0 },
    args: processArgs(options, commandLine(options, image)),
    env: environment(options, image, hostname),
    cwd: options.workdir ?? (image.WorkingDir || "/"),
    capabilities: setsFor(capabilities, 0),
    rlimits: options.ulimits.map(rlimit),
    noNewPrivileges,
    ...(options.oomScoreAdj !== undefined && { oomScoreAdj: options.oomScoreAdj }),
  };
}

function rlimit({ name, soft, hard }: Ulimit): Rlimit {
  const value = (limit: number) => (limit === -1 ? RLIM_INFINITY : limit);
  return { type: `RLIMIT_${name.toUpperCase()}`, soft: value(soft), hard: value(hard) };
}

function linuxOf({ options, id, owner, joined, hostDevices, security }: SpecInput): Linux {
  const { seccomp, maskedPaths, readonlyPaths } = security;
  return {
    ...userMap(options, owner, joined),
    namespaces: namespaceList(options, owner, joined),
    devices: deviceNodes(options, hostDevices),
    cgroupsPath: `/mini-docker/${id}`,
    resources: { ...limits(options, hostDevices), devices: deviceRules(options, hostDevices) },
    sysctl: { ...networkSysctls(options, owner), ...options.sysctls },
    ...(seccomp && { seccomp }),
    maskedPaths,
    readonlyPaths,
    rootfsPropagation: rootPropagation(options),
  };
}

/** In a network of its own, ports below 1024 and ping are for everybody: they take nothing from anybody else. */
function networkSysctls(options: RunOptions, owner: Owner): Record<string, string> {
  if (isHost(options.network) || joinedContainer(options.network) !== undefined) return {};
  // Groups that no map knows can't be named.
  const ping =
    owner.isNested || hasUserNamespace(options, owner) ? {} : { "net.ipv4.ping_group_range": "0 2147483647" };
  return { "net.ipv4.ip_unprivileged_port_start": "0", ...ping };
}

/** What is mounted inside can only be seen outside, or the other way round, if the root lets it through. */
function rootPropagation(options: RunOptions): "shared" | "slave" | "private" {
  const asked = options.mounts.map((mount) => mount.propagation?.replace(/^r/, ""));
  return asked.includes("shared") ? "shared" : asked.includes("slave") ? "slave" : "private";
}

/** Labels, what the OCI image specification wants kept of an image (conversion.md), and what config.json has no field for. */
function annotations({ options, image, security }: SpecInput): Record<string, string> {
  const stopSignal = options.stopSignal ?? image.StopSignal;
  return {
    ...image.Labels,
    ...options.labels,
    ...(stopSignal && { "org.opencontainers.image.stopSignal": stopSignal }),
    ...(security.landlock !== undefined && { [LANDLOCK_ANNOTATION]: security.landlock }),
    ...options.annotations,
  };
}
