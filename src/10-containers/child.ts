// A container that is a child of this process and lives no longer: what `RUN` of a Dockerfile is. It has no monitor.
//
//   this process                launcher                   container
//   ────────────                ────────                   ─────────
//   ask for orphans (subreaper)
//   make a pipe
//   start the launcher ───────► … clone3 ────────────────► …
//   wait for its end ◄───────── exit
//                               the container's parent is this process now
//   go ──────────────────────────────────────────────────► end with the parent; execve
//   read the pipe ◄─────────────────────────────────────── what it prints
//   wait for its end ◄──────────────────────────────────── exit
//
// See prctl(2), PR_SET_CHILD_SUBREAPER.

import { closeSync } from "node:fs";
import { exitCodeOf, launch, PR, perform, performOne, pipeStep, prctlStep, reap, step } from "../01-syscalls/index.ts";
import type { Mount } from "../02-rootfs/index.ts";
import type { LinuxSeccomp } from "../07-security/index.ts";
import { cleanGroup } from "./cgroup.ts";
import { type Container, readSpec } from "./container.ts";
import { containerPlan, type PlanInput } from "./plan.ts";
import { preparePlan } from "./prepare.ts";
import type { Spec } from "./spec/oci.ts";
import { mergeEnv } from "./spec/process.ts";
import { startError } from "./start-error.ts";

export interface ChildOptions {
  /** Compiled system call filters are kept with the engine, not with the container. */
  filterFor?: (profile: LinuxSeccomp) => Promise<Uint8Array>;
  onOutput(bytes: Buffer): void;
  onWarning?(warning: string): void;
  /** Ends it. */
  signal?: AbortSignal;
  /** Around the start, for binds of what is there only then: `change` is given each bind's source. */
  around?: (start: (change: (source: string) => string) => void) => void;
  isFile?: PlanInput["isFile"];
  /** `NAME=value` that is written down nowhere: not in the bundle either. */
  secretEnv?: string[];
}

/** Runs the container, which is new, and returns its exit code. Throws StartError, and what `prepare` throws. */
export async function runAsChild(container: Container, options: ChildOptions): Promise<number> {
  const input = await preparePlan(container, withSecrets(readSpec(container), options), options.filterFor);
  for (const warning of input.warnings) options.onWarning?.(warning);
  const { around = (begin) => begin((source) => source), isFile } = options;
  let running: Running | undefined;
  container.state = { ...container.state, group: input.cgroup.group };
  try {
    around((change) => {
      const mounts = (input.spec.mounts ?? []).map((mount) => changed(mount, change));
      running = start(container, { ...input, spec: { ...input.spec, mounts }, ...(isFile && { isFile }) });
    });
    return await attend(running!, options);
  } finally {
    await cleanGroup(container);
  }
}

function withSecrets(spec: Spec, { secretEnv = [] }: ChildOptions): Spec {
  const { process } = spec;
  return process ? { ...spec, process: { ...process, env: mergeEnv(process.env ?? [], secretEnv) } } : spec;
}

function changed(mount: Mount, change: (source: string) => string): Mount {
  return mount.type === "bind" && mount.source !== undefined ? { ...mount, source: change(mount.source) } : mount;
}

interface Running {
  pid: number;
  output: number;
}

function start({ record }: Container, input: PlanInput): Running {
  const { output, given } = perform([pipeStep({ read: "output", write: "given", why: "what it prints, for us" })]);
  performOne(prctlStep({ option: PR.SET_CHILD_SUBREAPER, args: [1], why: "the launcher's child becomes ours" }));
  const plan = containerPlan({ ...input, stdio: { tty: false, interactive: false, isGiven: true }, isOurChild: true });
  try {
    const beforeGo = ({ launcherPid }: { launcherPid: number }) => reap(launcherPid, true);
    const { pid } = launch(plan, { fds: { output: given! }, beforeGo });
    return { pid, output: output! };
  } catch (cause) {
    closeSync(output!);
    throw startError(record.name, cause);
  } finally {
    closeSync(given!);
  }
}

async function attend({ pid, output }: Running, { onOutput, signal }: ChildOptions): Promise<number> {
  const end = () => kill(pid);
  signal?.addEventListener("abort", end);
  try {
    if (signal?.aborted) end();
    await readAll(output, onOutput);
    return await exitCodeOf(pid);
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

/** Until nobody can print any more. */
function readAll(fd: number, onOutput: (bytes: Buffer) => void): Promise<void> {
  // Asked for when needed: a build that finds all in the cache runs nothing.
  const { Socket } = process.getBuiltinModule("node:net");
  const socket = new Socket({ fd, readable: true, writable: false });
  return new Promise((resolve, reject) => {
    socket.on("data", onOutput).on("error", reject).on("close", resolve);
  });
}

function kill(pid: number): void {
  performOne(step("kill", [pid, 9], { why: "it is not wanted any more", allow: ["ESRCH"] }));
}
