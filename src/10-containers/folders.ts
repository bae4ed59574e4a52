// Where everything is. Two roots: what must survive a reboot, and what must not.
//
//   ROOT  (/var/lib/mini-docker)             STATE (/run/mini-docker, gone with every boot)
//   ├─ images/ layers/     stage 06          └─ containers/ID/
//   ├─ seccomp/            stage 07              ├─ attach.sock   the monitor's
//   ├─ names/NAME → ID     one link a name       └─ execs/EXEC/   one folder an exec
//   ├─ ids/FIRST → ID      one link a range of users
//   ├─ events.jsonl
//   └─ containers/ID/      an OCI bundle
//       ├─ config.json     what the kernel is asked for (OCI runtime specification)
//       ├─ rootfs/         empty: the overlay is mounted here only inside the container
//       ├─ container.json  what the person asked for
//       ├─ state.json      what became of it
//       ├─ exit.json       the monitor's word on how it ended
//       ├─ container.log   CRI lines
//       ├─ upper/ work/    what the container wrote
//       ├─ etc/            its hosts, hostname, resolv.conf
//       └─ lock

import { homedir } from "node:os";
import { join } from "node:path";

/** The two folders that are ours; nothing outside them is ever written. */
export interface Roots {
  root: string;
  state: string;
}

/** Root's folders, or an ordinary user's by the XDG base directory specification. */
export function defaultRoots(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? 0): Roots {
  if (uid === 0) return { root: "/var/lib/mini-docker", state: "/run/mini-docker" };
  // One that is empty counts as not set.
  const share = env.XDG_DATA_HOME || join(env.HOME || homedir(), ".local/share");
  return {
    root: join(share, "mini-docker"),
    state: env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, "mini-docker") : `/tmp/mini-docker-${uid}`,
  };
}

export const containersFolder = ({ root }: Roots): string => `${root}/containers`;
export const namesFolder = ({ root }: Roots): string => `${root}/names`;
export const rangesFolder = ({ root }: Roots): string => `${root}/ids`;
export const eventsFile = ({ root }: Roots): string => `${root}/events.jsonl`;
export const filtersFolder = ({ root }: Roots): string => `${root}/seccomp`;
export const createLock = ({ root }: Roots): string => `${root}/create.lock`;

/** Every path of one container. */
export interface ContainerFolder {
  id: string;
  bundle: string;
  config: string;
  rootfs: string;
  record: string;
  state: string;
  exit: string;
  log: string;
  upper: string;
  work: string;
  etc: string;
  lock: string;
  /** Below the state root: gone after a boot. */
  runtime: string;
  execs: string;
}

export function containerFolder(roots: Roots, id: string): ContainerFolder {
  const bundle = `${containersFolder(roots)}/${id}`;
  const runtime = `${roots.state}/containers/${id}`;
  return {
    id,
    bundle,
    config: `${bundle}/config.json`,
    rootfs: `${bundle}/rootfs`,
    record: `${bundle}/container.json`,
    state: `${bundle}/state.json`,
    exit: `${bundle}/exit.json`,
    log: `${bundle}/container.log`,
    upper: `${bundle}/upper`,
    work: `${bundle}/work`,
    etc: `${bundle}/etc`,
    lock: `${bundle}/lock`,
    runtime,
    execs: `${runtime}/execs`,
  };
}
