// Descriptors that the caller has opened for the container's program: `--preserve-fds N` means 3 to N+2, and LISTEN_FDS is
// systemd's way to say the same (sd_listen_fds(3)).

import { readlinkSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";

/** How many, together. */
export function handedOverCount(preserveFds: number, env: NodeJS.ProcessEnv = process.env): number {
  const listening = Number(env.LISTEN_FDS ?? 0);
  return preserveFds + (Number.isInteger(listening) && listening > 0 ? listening : 0);
}

/** Each by the name of a register. Throws UserError where there is none, or one that is only this process's own. */
export function handedOverFds(count: number): Record<string, number> {
  const fds = Array.from({ length: count }, (_, index) => 3 + index);
  return Object.fromEntries(fds.map((fd) => [`caller-${fd}`, given(fd)]));
}

function given(fd: number): number {
  const target = targetOf(fd);
  // What Node itself waits with takes the lowest number that is free.
  if (target !== undefined && !/^anon_inode:\[(eventpoll|eventfd|io_uring)\]$/.test(target)) return fd;
  throw new UserError(`there is no descriptor ${fd} to hand over: --preserve-fds is too large`);
}

function targetOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** What systemd's programs look at: the process they are in is number 1 as far as they know. */
export function listenEnv(env: NodeJS.ProcessEnv = process.env): string[] {
  if (!env.LISTEN_FDS) return [];
  return [
    `LISTEN_FDS=${env.LISTEN_FDS}`,
    "LISTEN_PID=1",
    ...(env.LISTEN_FDNAMES ? [`LISTEN_FDNAMES=${env.LISTEN_FDNAMES}`] : []),
  ];
}
