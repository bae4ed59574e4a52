// Ending a container: politely with its stop signal, then with SIGKILL, which no process can refuse.

import { constants } from "node:os";
import { performOne, step, UserError } from "../01-syscalls/index.ts";
import { killAll, thawContainer } from "./cgroup.ts";
import { type Container, locked, noteState, readContainer } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import type { Roots } from "./folders.ts";
import { isAlive } from "./identity.ts";
import { settle } from "./settle.ts";

/** Sends to the container's first process, if it is still the one we know. */
export function sendSignal({ state }: Container, signal: number): void {
  if (!isAlive(state.process)) return;
  const why = "the container's first process";
  performOne(step("kill", [state.process.pid, signal], { why, allow: ["ESRCH"] }));
}

/** `kill`: any signal, to a running container only. SIGKILL counts as a wish to end it. */
export async function killContainer(roots: Roots, id: string, signal: number): Promise<void> {
  await locked(roots, id, async (container) => {
    await settle(container);
    requireRunning(container, "kill");
    if (signal === constants.signals.SIGKILL) noteState(container, { stopRequested: true });
    if (signal === constants.signals.SIGKILL && container.state.status === "paused") await thawContainer(container);
    sendSignal(container, signal);
    containerEvent(container, "kill", { signal: String(signal) });
  });
  if (signal === constants.signals.SIGKILL) await ended(roots, id, KILL_TIMEOUT_MS);
}

export function requireRunning({ record, state }: Container, verb: string): void {
  if (state.status === "running" || state.status === "paused") return;
  throw new UserError(`cannot ${verb} container: ${record.id}: container ${record.id} is not running`);
}

export interface StopOptions {
  /** Seconds until SIGKILL; -1 waits for ever. The container's own setting unless given. */
  timeoutSeconds?: number | undefined;
  signal?: number | undefined;
}

const KILL_TIMEOUT_MS = 10_000;

/** `stop`: stopping what isn't running is success. Settles it before returning. */
export async function stopContainer(roots: Roots, id: string, options: StopOptions = {}): Promise<void> {
  const running = await locked(roots, id, async (container) => {
    await settle(container);
    if (!isAlive(container.state.process)) {
      if (container.state.status === "restarting") noteState(container, { stopRequested: true, status: "exited" });
      return undefined;
    }
    noteState(container, { stopRequested: true });
    if (container.state.status === "paused") await thawContainer(container);
    sendSignal(container, options.signal ?? container.record.stopSignal);
    containerEvent(container, "kill", { signal: String(options.signal ?? container.record.stopSignal) });
    return container;
  });
  if (!running) return;
  const seconds = options.timeoutSeconds ?? running.record.stopTimeoutSeconds;
  const inTime = await ended(roots, id, seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000);
  if (!inTime) await killForGood(roots, id);
  await locked(roots, id, async (container) => {
    await settle(container);
    containerEvent(container, "stop");
  }).catch(ignoreGone);
}

/** SIGKILL to everything in the group: a first process in uninterruptible sleep has children that need not wait. */
export async function killForGood(roots: Roots, id: string): Promise<void> {
  const container = readContainer(roots, id);
  if (!container) return;
  sendSignal(container, constants.signals.SIGKILL);
  if (await ended(roots, id, KILL_TIMEOUT_MS)) return;
  await killAll(container);
  if (await ended(roots, id, KILL_TIMEOUT_MS)) return;
  throw new UserError(`container ${id} did not end after SIGKILL: it waits in the kernel`);
}

/** Waits until the first process is gone; false when the time runs out. */
export async function ended(roots: Roots, id: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 50)) {
    const container = readContainer(roots, id);
    if (!container || !isAlive(container.state.process)) return true;
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, Math.max(1, deadline - Date.now()))));
  }
}

/** With `--rm` it may be gone before we look. */
export function ignoreGone(error: unknown): void {
  if (!(error instanceof UserError && error.message.startsWith("No such container"))) throw error;
}
