// One more process in a running container (exec-plan.ts says how it gets there). It has a monitor, an id and a recorded exit
// of its own.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Launched, UserError } from "../01-syscalls/index.ts";
import { cachedFilter } from "../07-security/index.ts";
import { type Container, readSpec } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { execPlan } from "./exec-plan.ts";
import { type ExecRecord, forgetOldExecs } from "./exec-records.ts";
import { launchWatched, type Watch } from "./explain/watch.ts";
import { writeFileAtomic } from "./files.ts";
import { filtersFolder } from "./folders.ts";
import { identify, isAlive, type ProcessId } from "./identity.ts";
import { monitorFds } from "./monitor.ts";
import { randomId } from "./names.ts";
import { removeFolder } from "./remove-folder.ts";
import { readBeneath } from "./spec/layer-files.ts";
import type { Process, Spec } from "./spec/oci.ts";
import { mergeEnv, withUser } from "./spec/process.ts";
import { ALL_CAPABILITIES } from "./spec/security.ts";
import { resolveUser } from "./spec/user.ts";
import { stage } from "./stages.ts";
import { startError } from "./start-error.ts";
import type { Stdio } from "./streams/stdio.ts";

export interface ExecOptions {
  command: string[];
  tty: boolean;
  interactive: boolean;
  env: string[];
  user?: string;
  workdir?: string;
  privileged: boolean;
  detach: boolean;
}

export interface ExecStart extends Watch {
  client?: number;
  size?: { rows: number; columns: number };
}

export interface Exec {
  id: string;
  folder: string;
  launched: Launched;
}

/** Starts the process. Throws UserError if the container isn't running, StartError if the command can't be run. */
export async function startExec(container: Container, options: ExecOptions, start: ExecStart = {}): Promise<Exec> {
  const first = requireRunning(container);
  const id = randomId();
  const folder = join(container.folder.execs, id);
  const record = { id, command: options.command, tty: options.tty };
  const { tty, interactive } = options;
  try {
    makeExecFolder(container, folder);
    forgetOldExecs(container);
    const spec = execSpec(container, first, options);
    const stdio: Stdio = { tty, interactive, ...(start.size && { size: start.size }) };
    const plan = await execPlan({
      first: first.pid,
      spec: options.privileged ? { ...spec, linux: { ...spec.linux, seccomp: undefined } } : spec,
      stdio,
      group: container.state.group,
      filterFor: (seccomp) => cachedFilter(filtersFolder(container.roots), seccomp),
    });
    const after = stage("10-containers").monitorSteps({
      ...stdio,
      folder,
      exit: join(folder, "exit.json"),
      // Its folder is gone with the machine.
      isExitVolatile: true,
      hasClient: start.client !== undefined,
      stdinOnce: start.client !== undefined,
      onExit: [],
    });
    const beforeGo = ({ pid }: Launched) => recordExec(container, first, folder, record, pid);
    const launched = launchWatched(plan, { fds: monitorFds(start.client), after, beforeGo }, start);
    return { id, folder, launched };
  } catch (error) {
    removeFolder(folder);
    // Whichever call noticed.
    if (hasEnded(first)) throw notRunning(container);
    throw startError(container.record.name, error);
  }
}

/** A process that ends lets go of its namespaces some time before it is gone. */
function hasEnded(first: ProcessId): boolean {
  return !isAlive(first) || !existsSync(`/proc/${first.pid}/ns/mnt`);
}

/** Not with all that is above it: the folder of a container that has ended is gone for good. */
function makeExecFolder({ folder: { execs } }: Container, folder: string): void {
  try {
    mkdirSync(execs, { mode: 0o700 });
  } catch (error) {
    // Another exec may have made it, also just now.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  mkdirSync(folder, { mode: 0o700 });
}

/** By now its namespaces were entered. If the first process is still the one we know, they were the container's. */
function recordExec(container: Container, first: ProcessId, folder: string, record: ExecRecord, pid: number): void {
  if (!isAlive(first)) throw notRunning(container);
  const process = identify(pid);
  writeFileAtomic(join(folder, "exec.json"), JSON.stringify({ ...record, ...(process && { process }) }), {
    skipSync: true,
  });
  containerEvent(container, `exec_start: ${record.command.join(" ")}`, { execID: record.id });
}

function requireRunning(container: Container): ProcessId {
  const { process, status } = container.state;
  if (status === "paused")
    throw new UserError(`container ${container.record.id} is paused, unpause the container before exec`);
  if (!isAlive(process)) throw notRunning(container);
  return process;
}

function notRunning({ record }: Container): UserError {
  return new UserError(`container ${record.id} is not running`);
}

// ---- what it will be

/** The container's own `process`, with what this command asks for in its place. */
function execSpec(container: Container, first: ProcessId, options: ExecOptions): Spec {
  const spec = readSpec(container);
  const process = spec.process!;
  const env = mergeEnv(process.env ?? [], [...(options.tty ? ["TERM=xterm"] : []), ...options.env]);
  const changed: Process = {
    ...process,
    terminal: options.tty,
    args: options.command,
    env,
    cwd: options.workdir ?? process.cwd,
    ...(options.privileged && { capabilities: ALL_CAPABILITIES }),
  };
  return { ...spec, process: options.user === undefined ? changed : asUser(changed, first, options.user) };
}

/** Looked up in the container as it is now, through its own root. */
function asUser(process: Process, first: ProcessId, wanted: string): Process {
  const root = `/proc/${first.pid}/root`;
  const files = { passwd: readBeneath(root, "etc/passwd"), group: readBeneath(root, "etc/group") };
  const withoutHome = { ...process, env: (process.env ?? []).filter((pair) => !pair.startsWith("HOME=")) };
  return withUser(withoutHome, resolveUser(files, wanted));
}
