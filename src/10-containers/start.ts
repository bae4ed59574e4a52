// Starting a container: its bundle becomes a plan, the plan is carried out, and what came of it is written down before
// the container's program runs its first instruction.

import { mkdirSync, rmSync } from "node:fs";
import { type Launched, type LaunchOptions, type Step, SyscallError } from "../01-syscalls/index.ts";
import { cleanGroup } from "./cgroup.ts";
import { type Container, writeState } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { readText, removeFile } from "./files.ts";
import { identify } from "./identity.ts";
import { monitorFds } from "./monitor.ts";
import type { Spec } from "./oci.ts";
import { onExitCommand } from "./on-exit-command.ts";
import { containerPlan, type PlanInput } from "./plan.ts";
import { preparePlan } from "./prepare.ts";
import { stage } from "./stages.ts";
import { StartError } from "./start-error.ts";
import { launchWatched, type Watch } from "./watch.ts";

export interface StartOptions extends Watch {
  /** Our end is a foreground attachment; this is the monitor's. */
  client?: number;
  size?: { rows: number; columns: number };
  onWarning?: (warning: string) => void;
}

/** Starts it. The caller holds the lock and has settled it. Throws StartError; nothing of the attempt is left then. */
export async function startContainer(container: Container, options: StartOptions = {}): Promise<Launched> {
  const { folder } = container;
  const spec = JSON.parse(readText(folder.config)!) as Spec;
  const input = await preparePlan(container, spec);
  for (const warning of input.warnings) options.onWarning?.(warning);
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
    mkdirSync(folder.runtime, { recursive: true, mode: 0o700 });
    return launchWatched(containerPlan(input), launchOptions(container, input, options), options);
  } catch (error) {
    await undo(container, error);
    throw error instanceof SyscallError ? new StartError(container.record.name, error) : error;
  }
}

function launchOptions(container: Container, input: PlanInput, options: StartOptions): LaunchOptions {
  const { client } = options;
  return {
    fds: monitorFds(client),
    after: monitorOf(container, input, { ...options, hasClient: client !== undefined }),
    beforeGo: (launched) => recordRunning(container, launched),
  };
}

/** What the launcher goes on to do: the monitor of this container. */
export function monitorOf(
  { folder, record, roots }: Container,
  { stdio }: PlanInput,
  { size, hasClient }: Pick<StartOptions, "size"> & { hasClient: boolean },
): Step[] {
  return stage("10-containers").monitorSteps({
    ...stdio,
    folder: folder.runtime,
    exit: folder.exit,
    log: folder.log,
    hasClient,
    stdinOnce: record.options.interactive && hasClient,
    ...(size && { size }),
    onExit: onExitCommand(roots, record.id),
  });
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
  containerEvent(container, "start");
}

async function undo(container: Container, error: unknown): Promise<void> {
  await cleanGroup(container);
  rmSync(container.folder.runtime, { recursive: true, force: true });
  removeFile(container.folder.exit);
  const { process: _, monitor: __, group: ___, ...state } = container.state;
  container.state = state;
  writeState(container, { status: "created", error: String((error as Error).message), startedAt: "" });
}
