// Starting a container: its bundle becomes a plan, the plan is carried out, and what came of it is written down before
// the container's program runs its first instruction.

import { existsSync, lstatSync } from "node:fs";
import {
  type Launched,
  type LaunchOptions,
  type Plan,
  type Step,
  SyscallError,
  UserError,
} from "../01-syscalls/index.ts";
import type { Mount } from "../02-rootfs/index.ts";
import { makeFolder } from "../06-images/index.ts";
import { whileChanging } from "../08-network/index.ts";
import { cleanGroup } from "./cgroup.ts";
import { type Container, noteState, readSpec, writeState } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { launchWatched, type Watch } from "./explain/watch.ts";
import { removeFile, writeFileAtomic } from "./files.ts";
import { withHolder } from "./holder.ts";
import { identify } from "./identity.ts";
import { monitorFds } from "./monitor.ts";
import { canDoWithout, Impossible, warnOnce } from "./network/do-without.ts";
import { asksForNames } from "./network/endpoint.ts";
import { writeNetworkFiles } from "./network/hosts.ts";
import { inOwnHost, keepOwnHostSteps, keepOwnPorts } from "./network/own-host.ts";
import { type Plugged, plugIn, unplug } from "./network/plug.ts";
import { tellNames } from "./network/resolver.ts";
import { openTunnel, type Tunnel } from "./network/tunnel.ts";
import { onExitCommand } from "./on-exit-command.ts";
import { withOwners } from "./owners.ts";
import { containerPlan, lendsViews, type PlanInput } from "./plan.ts";
import { preparePlan } from "./prepare.ts";
import { removeFolder } from "./remove-folder.ts";
import { NO_PROCESS } from "./settle.ts";
import { sharedShm } from "./spec/mounts.ts";
import { type Spec, specText } from "./spec/oci.ts";
import { joinRunning, shmOf } from "./spec/sharing.ts";
import { stage } from "./stages.ts";
import { StartError, startError } from "./start-error.ts";
import { whileSharing } from "./volumes/shared.ts";

export interface StartOptions extends Watch {
  /** Our end is a foreground attachment; this is the monitor's. */
  client?: number;
  size?: { rows: number; columns: number };
  onWarning?: (warning: string) => void;
  /** The last word on the plan. Tests have it break off anywhere. */
  changePlan?: (plan: Plan) => Plan;
}

/** Starts it. The caller holds the lock and has settled it. Throws StartError; nothing of the attempt is left then. */
export async function startContainer(container: Container, options: StartOptions = {}): Promise<Launched> {
  requireLayers(container);
  return whileSharing(container, () => startPrepared(container, options));
}

async function startPrepared(container: Container, options: StartOptions): Promise<Launched> {
  const input = await preparePlan(container, bundleOf(container));
  for (const warning of input.warnings) options.onWarning?.(warning);
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptStart(container, input, options);
    } catch (error) {
      if (!isParentGone(error) || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

/** The /dev/shm of another container is that of its process now, unless the person has put something else there. */
function currentMounts({ roots, record: { options } }: Container, { mounts = [] }: Spec): Mount[] {
  const shm = shmOf(roots, options);
  const isAsked = options.mounts.some(({ target }) => target === "/dev/shm");
  if (shm === undefined || isAsked) return mounts;
  return mounts.map((mount) => (mount.destination === "/dev/shm" ? sharedShm(shm) : mount));
}

/** Somebody may have taken them out of the store by hand. */
function requireLayers({ record }: Container): void {
  const missing = record.layers.find((layer) => !existsSync(layer));
  if (missing === undefined) return;
  const hint = `a new container of ${record.image.reference} would have it again`;
  throw new UserError(`container "${record.name}" lacks a layer of its image: ${missing}`, { hint });
}

const MOST_ATTEMPTS = 5;

/** Another container's end has just taken away the group that all of ours are in: then it is made once more. */
function isParentGone(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof SyscallError && cause.code === "ENOENT" && cause.step.stage === "04-cgroups";
}

/** config.json, with the containers that run now in place of those that ran when it was written. */
function bundleOf(container: Container): Spec {
  const { roots, record, folder } = container;
  const spec = readSpec(container);
  const joined = joinRunning(roots, record.options);
  if (Object.keys(joined).length === 0) return spec;
  const namespaces = spec.linux?.namespaces?.map((each) => {
    const path = joined[each.type];
    return path === undefined ? each : { ...each, path };
  });
  const linux = { ...spec.linux, ...(namespaces && { namespaces }) };
  const current = { ...spec, mounts: currentMounts(container, spec), linux };
  writeFileAtomic(folder.config, specText(current));
  return current;
}

async function attemptStart(container: Container, input: PlanInput, options: StartOptions): Promise<Launched> {
  const { folder } = container;
  removeFile(folder.exit);
  writeState(container, {
    status: "starting",
    group: input.cgroup.group,
    error: "",
    stopRequested: false,
    startedAt: "",
    finishedAt: "",
  });
  try {
    makeRuntime(container);
    return withNetwork(container, (plugged) => {
      for (const warning of plugged.warnings) options.onWarning?.(warning);
      const { cables, tunnel, ownHost } = plugged;
      const about = { cables, hasTunnel: tunnel !== undefined, isLaidByOthers: ownHost !== undefined };
      const whole = containerPlan(withSize({ ...input, ...about }, options.size));
      const plan = options.changePlan?.(whole) ?? whole;
      return withLent(input, (lent) => {
        const fds = { ...lent, ...plugged.fds };
        const atWait = tunnel
          ? tunnelled(container, { wish: tunnel, ports: plugged.ports }, options)
          : ownHost && laidFrom(container, ownHost);
        return launchWatched(
          plan,
          launchOptions(container, input, { ...options, fds, ...(atWait && { atWait }) }),
          options,
        );
      });
    });
  } catch (cause) {
    const error = startError(container.record.name, cause);
    // Whatever stands in the way of that too, what went wrong first is what is said.
    await undo(container, error).catch(() => {});
    throw error;
  }
}

/** Our own claim on its ports ends with the start: by then its monitor has one, or nobody. */
function withNetwork<T>(container: Container, work: (plugged: Plugged) => T): T {
  const plugged = plugIn(container);
  try {
    const { endpoints, ports, ownHost } = plugged;
    const nameSockets = numberAfter(ports.length);
    const kept = ownHost === undefined ? { nameSockets } : { nameSockets, ownHost: nameSockets + 2 };
    if (endpoints.length > 0) writeState(container, { endpoints, ports, ...kept });
    else if (ports.length > 0) writeState(container, { ports });
    writeNetworkFiles(container);
    return work(plugged);
  } finally {
    plugged.close();
  }
}

/** Once its network is there, and nothing in it: a way out, or a word on why it has none. */
function tunnelled(
  { roots, folder, record }: Container,
  tunnel: Pick<Tunnel, "wish" | "ports">,
  { onWarning }: StartOptions,
) {
  return ({ pid }: Launched) => {
    try {
      openTunnel({ ...tunnel, folder: folder.runtime }, pid);
    } catch (error) {
      if (!(error instanceof Impossible && canDoWithout(record.options))) throw error;
      for (const warning of warnOnce(roots, error)) onWarning?.(warning);
    }
  };
}

/** Once its network is there: the cables, from where an ordinary user's bridges are, and the host's ports lead there. */
function laidFrom({ roots, record }: Container, ownHost: number) {
  return ({ pid }: Launched) => {
    inOwnHost(roots, ownHost, ["lay", record.id, String(pid)]);
    whileChanging(roots.root, () => keepOwnPorts(roots));
  };
}

/** Where its monitor keeps the sockets for its questions: above all that it is started with, each port one of them. */
export function numberAfter(ports: number): number {
  return 64 + ports;
}

/** What the launcher has to be given to show files as the container shall see them. */
function withLent<T>(input: PlanInput, work: (fds: Record<string, number>) => T): T {
  return input.isSealed ? withHolder(input, work) : withOwners(input.spec, input.shiftsOwners, work);
}

/** Whoever else could write to the state root could put himself in a monitor's place and read what is typed. */
function makeRuntime({ roots, folder }: Container): void {
  makeFolder(folder.runtime);
  const { uid, mode } = lstatSync(roots.state);
  if (uid === process.getuid!() && (mode & 0o022) === 0) return;
  const hint = "--state (or XDG_RUNTIME_DIR) names a folder that only you can write to";
  throw new UserError(`the state of containers can't be kept in ${roots.state}: it is not yours alone`, { hint });
}

/** The container's terminal is as large as ours from the start. */
export function withSize<Input extends PlanInput>(input: Input, size: StartOptions["size"]): Input {
  return size ? { ...input, stdio: { ...input.stdio, size } } : input;
}

function launchOptions(
  container: Container,
  input: PlanInput,
  options: StartOptions & Pick<LaunchOptions, "fds" | "atWait">,
): LaunchOptions {
  const { client, fds, atWait } = options;
  return {
    ...(atWait && { atWait }),
    fds: { ...monitorFds(client), ...fds },
    after: monitorOf(container, input, { ...options, hasClient: client !== undefined }),
    beforeGo: (launched) => recordRunning(container, launched),
  };
}

/** What the launcher goes on to do: the monitor of this container. */
export function monitorOf(
  { folder, record, roots, state }: Container,
  input: PlanInput,
  { size, hasClient }: Pick<StartOptions, "size"> & { hasClient: boolean },
): Step[] {
  const { stdio } = input;
  const monitor = stage("10-containers").monitorSteps({
    ...stdio,
    folder: folder.runtime,
    exit: folder.exit,
    isExitVolatile: record.options.remove,
    log: folder.log,
    hasClient,
    stdinOnce: record.options.interactive && hasClient,
    ports: (state.endpoints && state.ownHost === undefined ? (state.ports ?? []) : []).map(
      (_, index) => `port${index}`,
    ),
    ...(size && { size }),
    onExit: onExitCommand(roots, record.id),
  });
  const { nameSockets, ownHost } = state;
  return [
    ...(lendsViews(input) ? stage("02-rootfs").homeSteps() : []),
    ...(nameSockets === undefined ? [] : stage("08-network").keepNameSocketsSteps(nameSockets)),
    ...(ownHost === undefined ? [] : keepOwnHostSteps(ownHost)),
    ...monitor,
  ];
}

/** Last of all before "go": whoever finds the container from here on finds it running. */
function recordRunning(container: Container, { pid, launcherPid }: Launched): void {
  const [process, monitor] = [identify(pid), identify(launcherPid)];
  writeState(container, {
    status: "running",
    ...(process && { process }),
    ...(monitor && { monitor }),
    startedAt: new Date().toISOString(),
  });
  const { roots, state } = container;
  if (state.endpoints?.some(asksForNames)) whileChanging(roots.root, () => tellNames(roots));
  containerEvent(container, "start");
}

async function undo(container: Container, error: unknown): Promise<void> {
  await cleanGroup(container);
  unplug(container);
  removeFolder(container.folder.runtime);
  removeFile(container.folder.exit);
  container.state = { ...container.state, ...NO_PROCESS };
  const { message } = error as Error;
  const exitCode = (error instanceof StartError ? error.exitCode : undefined) ?? container.state.exitCode;
  noteState(container, { status: "created", error: message, exitCode, startedAt: "" });
}
