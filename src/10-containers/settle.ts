// What became of a container is found out by looking, not by trusting whoever was to tell: processes are killed,
// machines lose power. Every command that is about a container settles it first: state.json says what was meant to be,
// the kernel and the monitor's exit.json say what is, and what a dead starter left behind is taken away.

import { UserError } from "../01-syscalls/index.ts";
import { cleanGroup, oomKillsOf, thawContainer } from "./cgroup.ts";
import { type Container, containerIds, findId, noteState, readContainer } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { Lock, readText } from "./files.ts";
import { containerFolder, type Roots } from "./folders.ts";
import { isAlive } from "./identity.ts";
import { isWayOutLost, mendWayOut } from "./network/own-host.ts";
import { unplug } from "./network/plug.ts";
import { mendResolver } from "./network/resolver.ts";
import { isTunnelLost, mendTunnel } from "./network/tunnel.ts";
import { finishRemoval, removeSettled } from "./removal.ts";
import { removeFolder } from "./remove-folder.ts";
import { sweepLeftovers } from "./sweep.ts";

/** What the monitor writes. `signal` is 0 when the process ended by itself. */
export interface ExitRecord {
  exitCode: number;
  signal: number;
  finishedAt: string;
}

/** containerd's number for an end nobody saw. */
export const UNKNOWN_EXIT = 255;

/** How long a monitor may take from the process's end to its record: an fsync on a busy disk. */
const RECORD_TIMEOUT_MS = 10_000;

const WITH_PROCESS = ["starting", "running", "paused", "restarting"];

/**
 * Brings the state up to date. The caller holds the container's lock, so nobody is starting it just now. Throws UserError
 * if it turns out that it was to be gone by now.
 */
export async function settle(container: Container): Promise<void> {
  if (!(await settleOrRemove(container))) throw new UserError(`No such container: ${container.record.id}`);
}

/** The same for those who don't mind that it is gone: false then. */
export async function settleOrRemove(container: Container): Promise<boolean> {
  const { monitor } = container.state;
  if (container.state.status === "removing") await finishRemoval(container);
  else await findOut(container);
  // Its monitor was to see to it, and after that whoever stays with it; without them it is up to us.
  if (container.state.status === "exited" && container.record.options.remove && !isAlive(monitor)) {
    await removeSettled(container);
  }
  return container.state.status !== "removing";
}

async function findOut(container: Container): Promise<void> {
  if (isLeftPaused(container)) await letGoOn(container);
  const { state, folder } = container;
  if (isAlive(state.process) && isTunnelLost(container)) mendTunnel(container);
  if (isAlive(state.process) && isWayOutLost(container)) mendWayOut(container.roots);
  if (!WITH_PROCESS.includes(state.status) || isAlive(state.process)) return;
  // Between two starts of a restart policy there is no process, but somebody who will start it.
  if (state.status === "restarting" && isAlive(state.monitor)) return;
  const exit = await awaitExitRecord(container);
  const oomKilled = oomKillsOf(container) > 0;
  await cleanGroup(container);
  unplug(container);
  removeFolder(folder.runtime);
  if (state.startedAt === "" || (state.status === "starting" && exit === undefined)) {
    noteState(container, { ...NO_PROCESS, status: state.finishedAt ? "exited" : "created" });
    return;
  }
  noteState(container, {
    ...NO_PROCESS,
    status: "exited",
    exitCode: exit?.exitCode ?? UNKNOWN_EXIT,
    finishedAt: exit?.finishedAt ?? new Date().toISOString(),
    oomKilled,
    error: exit ? "" : "how it ended is not known: its monitor was killed, or the machine stopped",
  });
  containerEvent(container, "die", { exitCode: String(container.state.exitCode) });
}

/** What a state has while there is a process, and lacks without one. */
export const NO_PROCESS = {
  process: undefined,
  monitor: undefined,
  group: undefined,
  endpoints: undefined,
  ports: undefined,
  nameSockets: undefined,
  ownHost: undefined,
  pausedBy: undefined,
} as unknown as Record<never, never>;

/** Whoever wanted it to stand still for a moment was killed in that moment. */
function isLeftPaused({ state }: Container): boolean {
  return state.pausedBy !== undefined && !isAlive(state.pausedBy);
}

async function letGoOn(container: Container): Promise<void> {
  const { status } = container.state;
  await thawContainer(container);
  noteState(container, { pausedBy: undefined, status: status === "paused" ? "running" : status });
  if (status === "paused") containerEvent(container, "unpause");
}

/** A living monitor is about to write; a dead one never will. */
async function awaitExitRecord({ folder, state }: Container): Promise<ExitRecord | undefined> {
  const deadline = Date.now() + RECORD_TIMEOUT_MS;
  for (;;) {
    const record = readExit(folder.exit);
    if (record || !isAlive(state.monitor) || Date.now() > deadline) return record ?? readExit(folder.exit);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export function readExit(path: string): ExitRecord | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ExitRecord;
  } catch {
    return undefined;
  }
}

/** For commands that only look: settles what nobody else is at work on, and returns it as it is now. */
export async function settled(roots: Roots, id: string): Promise<Container | undefined> {
  const container = readContainer(roots, id);
  if (!container || !needsSettling(container)) return container;
  const lock = tryLock(roots, id);
  if (!lock) return container;
  try {
    const fresh = readContainer(roots, id);
    return fresh && (await settleOrRemove(fresh)) ? fresh : undefined;
  } finally {
    lock.close();
  }
}

/** The container of this name, id or beginning of an id, as it is now. Throws UserError when there is none. */
export async function findSettled(roots: Roots, wanted: string): Promise<Container> {
  const container = await settled(roots, findId(roots, wanted));
  mendResolver(roots);
  if (container) return container;
  throw new UserError(`No such container: ${wanted}`);
}

function needsSettling(container: Container): boolean {
  const { state, record } = container;
  if (isLeftPaused(container) || isTunnelLost(container) || isWayOutLost(container)) return true;
  const isLeftOver = state.status === "removing" || (state.status === "exited" && record.options.remove);
  return isLeftOver || (WITH_PROCESS.includes(state.status) && !isAlive(state.process));
}

function tryLock(roots: Roots, id: string): Lock | undefined {
  try {
    return Lock.tryTake(containerFolder(roots, id).lock);
  } catch {
    return undefined;
  }
}

/** All containers, newest first, each settled. One whose files can't be read is reported and left out. */
export async function allContainers(
  roots: Roots,
  onUnreadable: (error: unknown) => void = () => {},
): Promise<Container[]> {
  sweepLeftovers(roots);
  mendResolver(roots);
  const found: Container[] = [];
  for (const id of containerIds(roots)) {
    try {
      const container = await settled(roots, id);
      if (container) found.push(container);
    } catch (error) {
      onUnreadable(error);
    }
  }
  return found.sort((a, b) => b.record.created.localeCompare(a.record.created));
}
