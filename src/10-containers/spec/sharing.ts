// `--network container:web`: a namespace of another container instead of one's own. Who that is may change between
// `create` and `start` (its process ends and another begins), so the paths are looked up when the process is made.

import { UserError } from "../../01-syscalls/index.ts";
import { kindOf, type NamespaceType } from "../../03-namespaces/index.ts";
import { type Container, findContainer } from "../container.ts";
import type { Roots } from "../folders.ts";
import { isAlive } from "../identity.ts";
import { type Joined, joinedContainer } from "./namespaces.ts";
import type { RunOptions } from "./options.ts";

const SHARED: [NamespaceType, keyof RunOptions][] = [
  ["network", "network"],
  ["pid", "pid"],
  ["ipc", "ipc"],
];

/** Stands in config.json until the start, where the other container isn't running yet. */
const NOT_YET = "/proc/0/ns";

/** The namespaces to join. Throws UserError when there is no such container. */
export function joinOthers(roots: Roots, options: RunOptions): Joined {
  const entries = SHARED.flatMap(([type, option]) => {
    const name = joinedContainer(options[option] as string | undefined);
    if (name === undefined) return [];
    return [[type, namespaceFile(findContainer(roots, name), type)]];
  });
  return Object.fromEntries(entries) as Joined;
}

/** The same at the start, when all of them must be running. */
export function joinRunning(roots: Roots, options: RunOptions): Joined {
  const joined = joinOthers(roots, options);
  for (const [type, path] of Object.entries(joined)) {
    if (!path.startsWith(NOT_YET)) continue;
    const name = joinedContainer(options[type as "network"]);
    throw new UserError(`cannot join ${type} namespace of a non running container: ${name}`);
  }
  return joined;
}

/** The container whose hosts, hostname and resolv.conf go with the network, if it is another's. */
export function networkOwner(roots: Roots, options: RunOptions): Container | undefined {
  const name = joinedContainer(options.network);
  return name === undefined ? undefined : findContainer(roots, name);
}

/** /dev/shm of the container whose IPC namespace is joined. */
export function shmOf(roots: Roots, options: RunOptions): string | undefined {
  const name = joinedContainer(options.ipc);
  if (name === undefined) return undefined;
  const { state } = findContainer(roots, name);
  return isAlive(state.process) ? `/proc/${state.process.pid}/root/dev/shm` : undefined;
}

function namespaceFile({ state }: Container, type: NamespaceType): string {
  const { file } = kindOf(type);
  return isAlive(state.process) ? `/proc/${state.process.pid}/ns/${file}` : `${NOT_YET}/${file}`;
}
