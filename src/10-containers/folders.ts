// Where everything is. Two roots: what must survive a reboot, and what must not.
//
//   ROOT  (/var/lib/mini-docker)             STATE (/run/mini-docker, gone with every boot)
//   ├─ images/ layers/     stage 06          └─ containers/ID/
//   ├─ seccomp/            stage 07              ├─ attach.sock   the monitor's
//   ├─ names/NAME → ID     one link a name       └─ execs/EXEC/   one folder an exec
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

export const containersFolder = ({ root }: Roots): string => join(root, "containers");
export const namesFolder = ({ root }: Roots): string => join(root, "names");
export const eventsFile = ({ root }: Roots): string => join(root, "events.jsonl");
export const filtersFolder = ({ root }: Roots): string => join(root, "seccomp");
export const createLock = ({ root }: Roots): string => join(root, "create.lock");

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
  const bundle = join(containersFolder(roots), id);
  const runtime = join(roots.state, "containers", id);
  return {
    id,
    bundle,
    config: join(bundle, "config.json"),
    rootfs: join(bundle, "rootfs"),
    record: join(bundle, "container.json"),
    state: join(bundle, "state.json"),
    exit: join(bundle, "exit.json"),
    log: join(bundle, "container.log"),
    upper: join(bundle, "upper"),
    work: join(bundle, "work"),
    etc: join(bundle, "etc"),
    lock: join(bundle, "lock"),
    runtime,
    execs: join(runtime, "execs"),
  };
}
