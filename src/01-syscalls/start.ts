// Starts the launcher: a socket to hear from it, the program as a file in memory, and nothing else of ours.

import { closeSync, writeSync } from "node:fs";
import type { Registers } from "./bind.ts";
import { step } from "./calls.ts";
import { encode, type Lists, PROGRAM_FLAG } from "./encode.ts";
import { AF, F, MFD, SOCK } from "./flags.ts";
import { spawn } from "./libc.ts";
import { perform, performOne } from "./perform.ts";
import { programFd } from "./programs.ts";

/** The launch failed although no step did: launcher or monitor was killed, or never came up. */
export class LaunchError extends Error {
  override name = "LaunchError";
}

export interface StartOptions {
  fds?: Record<string, number>;
  onStep?: unknown;
  stepping?: boolean;
  keepStdio?: boolean;
  keepSession?: boolean;
}

/** The launcher finds its control socket at 3, its program at 4, and what it is given from 5 on. */
const CONTROL_FD = 3;
export const PROGRAM_FD = 4;
const FIRST_GIVEN_FD = 5;

/** Descriptors are handed over from above this number, so that none is overwritten while others are put in place. */
const HIGH = 64;

export interface Started {
  /** Our end of its socket; the caller closes it. */
  control: number;
  launcherPid: number;
  /** The registers it begins with, its own end of that socket among them. */
  given: Registers;
}

/** Starts the launcher on these lists. Throws LaunchError where it can't be. */
export function startLauncher(lists: Required<Lists>, options: StartOptions): Started {
  const { fds = {}, onStep, stepping } = options;
  const flags = (onStep || stepping ? PROGRAM_FLAG.TRACE : 0) | (stepping ? PROGRAM_FLAG.STEPPING : 0);
  const { program, given } = programOf(lists, flags, fds);
  const { ours, theirs } = controlSocket();
  const launcherPid = spawnLauncher([theirs, program, ...Object.values(fds)], options);
  closeSync(theirs);
  closeSync(program);
  if (launcherPid > 0) return { control: ours, launcherPid, given: { control: CONTROL_FD, ...given } };
  closeSync(ours);
  throw new LaunchError(`the launcher can't be started (errno ${-launcherPid})`);
}

/** What the launcher's parent can be waited for, once it has ended. Already waited for is fine. */
export function reap(pid: number, wait: boolean): void {
  const WNOHANG = 1;
  performOne(
    step("wait4", [pid, null, wait ? 0 : WNOHANG, null], {
      why: "the kernel keeps an ended child until its parent has asked",
      allow: ["ECHILD"],
      retry: ["EINTR"],
    }),
  );
}

/** SEQPACKET: one report is one packet, whole or not at all, whichever of the launcher's halves sends it. */
function controlSocket(): { ours: number; theirs: number } {
  const { ours, theirs } = perform([
    step("socketpair", [AF.UNIX, SOCK.SEQPACKET | SOCK.CLOEXEC, 0, { out: ["ours", "theirs"] }], {
      why: "the launcher reports on it and waits on it",
    }),
  ]);
  return { ours: ours!, theirs: theirs! };
}

/** The lists as a file in memory, and the registers that hold the descriptors it is given. */
export function programOf(lists: Required<Lists>, flags: number, fds: Record<string, number>) {
  const given = Object.fromEntries(Object.keys(fds).map((name, index) => [name, FIRST_GIVEN_FD + index]));
  const program = performOne(
    step("memfd_create", ["mini-docker-program", MFD.CLOEXEC], { why: "the launcher maps its program from here" }),
  );
  writeSync(program, encode(lists, flags, given));
  return { program, given };
}

function spawnLauncher(passed: number[], { keepStdio, keepSession }: StartOptions): number {
  const high = passed.map(aboveAll);
  const pid = spawn({
    path: `/proc/self/fd/${programFd("launcher")}`,
    argv: ["mini-docker-launcher"],
    env: [],
    fds: high.map((fd, index) => [fd, CONTROL_FD + index]),
    nullStdio: !keepStdio,
    detached: !keepSession,
  });
  for (const fd of high) closeSync(fd);
  return pid;
}

export function aboveAll(fd: number): number {
  return performOne(step("fcntl", [fd, F.DUPFD_CLOEXEC, HIGH], { why: "out of the way of 0, 1, 2, 3, …" }));
}
