// Hooks are other people's programs that run at moments of a container's life; each is given the container's state on its
// standard input. See config.md of the runtime specification, "POSIX-platform Hooks".
//
//   moment           when                                                  where
//   prestart         all is mounted, the root is still the host's          on the host
//   createRuntime    right after those                                     on the host
//   createContainer  right after those                                     in the container's namespaces
//   startContainer   somebody said start, and the program has not begun    in the container
//   poststart        the program runs                                      on the host
//   poststop         the container is gone                                 on the host

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  awaitStep,
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  dupStep,
  execveStep,
  exitCodeIfEnded,
  goStep,
  launch,
  type Plan,
  performOne,
  reap,
  reg,
  step,
  UserError,
} from "../../01-syscalls/index.ts";
import { differentKinds } from "../../03-namespaces/index.ts";
import type { Hook, Hooks } from "../spec/oci.ts";
import { stage } from "../stages.ts";
import type { RuntimeState } from "./runtime-container.ts";

/** Runs those on the host one after the other. Throws UserError at the first that fails. */
export function runHooks(hooks: Hook[] | undefined, state: RuntimeState): void {
  for (const hook of hooks ?? []) runHook(hook, state);
}

function runHook({ path, args, env = [], timeout }: Hook, state: RuntimeState): void {
  const [argv0 = path, ...rest] = args ?? [path];
  const { error, status, signal, stderr } = spawnSync(path, rest, {
    argv0,
    env: Object.fromEntries(env.map(nameAndValue)),
    cwd: state.bundle,
    input: JSON.stringify(state),
    stdio: ["pipe", "inherit", "pipe"],
    ...(timeout !== undefined && { timeout: timeout * 1000, killSignal: "SIGKILL" as const }),
  });
  const wasLate = (error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT";
  // Whoever doesn't read what it is told may close its ears.
  const isDeaf = (error as NodeJS.ErrnoException | undefined)?.code === "EPIPE";
  if (status === 0 && (!error || isDeaf)) return;
  const how = wasLate ? `took longer than ${timeout} s` : signal ? `was ended by ${signal}` : `exited with ${status}`;
  const text = String(stderr ?? "").trim();
  throw new UserError(
    `hook ${path} ${error && !wasLate && !isDeaf ? `can't be run: ${error.message}` : how}${text && `: ${text}`}`,
  );
}

function nameAndValue(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

/**
 * The same in the namespaces of the container's process, which are entered as `exec` enters them. No namespace leads to a root
 * that `hangsNowhere`.
 */
export function runHooksInside(hooks: Hook[] | undefined, state: RuntimeState, hangsNowhere = false): void {
  for (const hook of hooks ?? []) runHookInside(hook, state, hangsNowhere);
}

function runHookInside(hook: Hook, state: RuntimeState, hangsNowhere: boolean): void {
  const { path, timeout } = hook;
  const folder = mkdtempSync(join(tmpdir(), "mini-docker-hook-"));
  const input = join(folder, "state");
  writeFileSync(input, JSON.stringify(state));
  const fd = openSync(input, "r");
  try {
    const { pid } = launch(hookPlan(hook, state.pid!, hangsNowhere), { fds: { state: fd }, keepStdio: true });
    const code = exitCodeWithin(pid, timeout === undefined ? Infinity : timeout * 1000);
    if (code !== 0)
      throw new UserError(
        `hook ${path} ${code === undefined ? `took longer than ${timeout} s` : `exited with ${code}`}`,
      );
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

/** Undefined where it had to be ended. */
function exitCodeWithin(pid: number, timeoutMs: number): number | undefined {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const end = Date.now() + timeoutMs;
  for (;;) {
    const code = exitCodeIfEnded(pid);
    if (code !== undefined) return code;
    if (Date.now() >= end) break;
    Atomics.wait(pause, 0, 0, 1);
  }
  performOne(step("kill", [pid, 9], { why: "it had its time", allow: ["ESRCH"] }));
  reap(pid, true);
  return undefined;
}

function hookPlan({ path, args = [path], env = [] }: Hook, first: number, hangsNowhere: boolean): Plan {
  const CLONE_PARENT = 0x8000;
  const different = differentKinds("self", first);
  const joined = stage("03-namespaces").joinProcessSteps(first, different);
  const root = hangsNowhere ? stage("02-rootfs").sameRootSteps(first) : undefined;
  return {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "whatever is open here, the hook won't get it" }),
      ...(root?.before ?? []),
      ...joined.before,
      cloneStep({ flags: CLONE_PARENT, why: "a process for the hook, whose end we hear of" }),
    ],
    beside: [goStep("it may enter")],
    inside: [
      awaitStep("the parent is there"),
      ...joined.inside,
      ...(root?.inside ?? []),
      ...(different.includes("user") ? stage("03-namespaces").becomeRootSteps() : []),
      dupStep({ from: reg("state"), to: 0, why: "what it is told is the container's state" }),
      execveStep({ path, argv: args, env, why: "become the hook" }),
    ],
  };
}

export function hasCreateHooks({ prestart, createRuntime, createContainer }: Hooks = {}): boolean {
  return [prestart, createRuntime, createContainer].some((hooks) => hooks !== undefined && hooks.length > 0);
}
