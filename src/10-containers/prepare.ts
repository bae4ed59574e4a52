// Between a bundle and a plan: what this machine can do of what config.json asks for. All is decided here, before
// anything is made. What can't be granted is a warning where Docker warns, and an error where it refuses.

import { readFileSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { isInitialUserNamespace, isPrivileged, ownsNetwork } from "../03-namespaces/index.ts";
import { planGroup } from "../04-cgroups/index.ts";
import type { Marks } from "../05-overlay/index.ts";
import {
  agentOf,
  CAPABILITIES,
  cachedFilter,
  capabilitiesIn,
  grantable,
  grantableOomScore,
  grantableRlimits,
  type LinuxSeccomp,
  landlockIn,
} from "../07-security/index.ts";
import { machineHere } from "./cgroup.ts";
import type { Container, ContainerRecord } from "./container.ts";
import { type ContainerFolder, filtersFolder } from "./folders.ts";
import type { PlanInput } from "./plan.ts";
import type { Process, Spec } from "./spec/oci.ts";
import { stage } from "./stages.ts";
import { volumeMounts } from "./volumes/mounts.ts";

export interface Prepared extends PlanInput {
  warnings: string[];
}

/** Decides; makes nothing but a filter's place in the cache. Throws UserError for what can't be done here. */
export function preparePlan(
  container: Container,
  spec: Spec,
  filterFor = (profile: LinuxSeccomp) => cachedFilter(filtersFolder(container.roots), profile),
): Promise<Prepared> {
  const { record, folder } = container;
  const { delegateCgroups: isDelegated, tty, interactive, isSealed, scratchBytes } = record.options;
  refuseAgent(spec.linux?.seccomp);
  return prepare({
    id: record.id,
    spec,
    root: inMemory(rootOf(record, folder, spec), scratchBytes),
    stdio: { tty, interactive },
    volumes: volumeMounts(container),
    filterFor,
    ...(isDelegated && { isDelegated }),
    ...(isSealed && { isSealed }),
  });
}

/** A container to be, however it is kept. */
export interface Wanted extends Pick<PlanInput, "spec" | "root" | "stdio" | "isSealed" | "volumes"> {
  id: string;
  filterFor(profile: LinuxSeccomp): Promise<Uint8Array>;
  isDelegated?: boolean;
  /** Its group is looked for in every hierarchy there is. */
  isEverywhere?: boolean;
}

export async function prepare(wanted: Wanted): Promise<Prepared> {
  const { id, spec, root, stdio, volumes, isSealed, isDelegated, isEverywhere } = wanted;
  const { linux = {} } = spec;
  const hasUserNamespace = (linux.namespaces ?? []).some(({ type, path }) => type === "user" && !path);
  requireMappedUser(spec);
  const machine = machineHere();
  const { cgroupsPath, resources = {} } = linux;
  const limits = stage("04-cgroups").limitsFor(resources, machine);
  const cgroup = planGroup({ id, machine, cgroupsPath, resources, limits, isDelegated, isEverywhere });
  const granted = grantProcess(spec.process!, hasUserNamespace);
  const agent = linux.seccomp && agentOf(linux.seccomp);
  const landlock = landlockIn(spec.annotations);
  const filter = linux.seccomp && (await wanted.filterFor(linux.seccomp));
  return {
    spec: { ...spec, process: granted.process },
    root,
    machine,
    cgroup,
    stdio,
    ...(volumes && { volumes }),
    ...(filter && { filter }),
    ...(agent !== undefined && { agent }),
    ...(landlock && { landlock }),
    held: granted.held,
    privileged: isPrivileged(),
    ...(!ownsNetwork() && { isNetworkOthers: true }),
    ...(isSealed && process.getuid?.() !== 0 && { isSealed }),
    shiftsOwners: hasUserNamespace && shiftsOwners({ root, spec }),
    warnings: [...cgroup.warnings, ...granted.warnings],
  };
}

/** What a container writes while it runs; who looks into one that doesn't finds nothing of it. */
function inMemory(root: PlanInput["root"], memoryBytes: number | undefined): PlanInput["root"] {
  return "lower" in root && memoryBytes !== undefined ? { ...root, memoryBytes } : root;
}

/** Root inside is somebody else outside, so what the image gives to root has to be shown as his. */
export function shiftsOwners({ root, spec }: { root: PlanInput["root"]; spec: Pick<Spec, "linux"> }): boolean {
  const { uidMappings = [] } = spec.linux ?? {};
  const isOthers = uidMappings.some(({ containerID, hostID }) => containerID !== hostID);
  return process.getuid?.() === 0 && isOthers && "lower" in root;
}

/** The launcher has to wait for the filter then, and to become the monitor before. */
function refuseAgent(seccomp: LinuxSeccomp | undefined): void {
  if (seccomp === undefined || agentOf(seccomp) === undefined) return;
  throw new UserError("a seccomp filter that asks a listener (SCMP_ACT_NOTIFY) is for mini-docker-oci only");
}

/** In a new user namespace only the ids that its map names exist. */
function requireMappedUser({ linux, process }: Spec): void {
  const { uidMappings = [], namespaces = [] } = linux ?? {};
  if (!process || !namespaces.some(({ type, path }) => type === "user" && !path)) return;
  const { uid } = process.user;
  if (uidMappings.some(({ containerID, size }) => uid >= containerID && uid < containerID + size)) return;
  const who = uidMappings.length === 1 && uidMappings[0]!.size === 1 ? "only root (0) exists there" : "no map names it";
  throw new UserError(`user ${uid} does not exist in the container's user namespace: ${who}`, {
    hint: "an ordinary user's container has one user, unless root gives him more ids: `mini-docker doctor` says how",
  });
}

/** What the container's `/` is put together from. */
export function rootOf(record: ContainerRecord, folder: ContainerFolder, spec: Pick<Spec, "linux">): PlanInput["root"] {
  const { layers, rootfs } = record;
  const { upper, work, rootfs: at } = folder;
  const userxattr = marksOf(spec) === "user";
  if (rootfs === "overlay") return { lower: layers, upper, work, at, options: { userxattr } };
  return { directory: rootfs === "copy" ? upper : rootfs.directory, at };
}

/** What overlay's marks are called in the container's folder: only the machine's own root may set the trusted ones. */
export function marksOf({ linux }: Pick<Spec, "linux">): Marks {
  const hasNewUsers = linux?.namespaces?.some(({ type, path }) => type === "user" && !path);
  return hasNewUsers || !isInitialUserNamespace() ? "user" : "trusted";
}

/** Capabilities and limits that this process can hand on. In a new user namespace all capabilities can be. */
export function grantProcess(wanted: Process, hasUserNamespace: boolean) {
  const status = readFileSync("/proc/self/status", "latin1");
  const none = { granted: wanted.capabilities ?? {}, warnings: [] };
  const capabilities = hasUserNamespace || !wanted.capabilities ? none : grantable(wanted.capabilities, status);
  const rlimits = grantableRlimits(wanted.rlimits ?? []);
  const oomScore = wanted.oomScoreAdj === undefined ? undefined : grantableOomScore(wanted.oomScoreAdj);
  return {
    process: {
      ...wanted,
      ...(wanted.capabilities && { capabilities: capabilities.granted }),
      ...(wanted.rlimits && { rlimits: rlimits.granted }),
      ...(oomScore && { oomScoreAdj: oomScore.granted }),
    },
    held: hasUserNamespace ? CAPABILITIES : capabilitiesIn(status, "CapBnd"),
    warnings: [...capabilities.warnings, ...rlimits.warnings, ...(oomScore?.warnings ?? [])],
  };
}
