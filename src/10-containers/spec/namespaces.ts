// A namespace makes one kind of kernel object look different from inside. For each kind a container gets a new one,
// shares the host's (then it is not listed at all), or joins another container's by the path of its file in /proc.
// See namespaces(7); the list has the shape of config.json's `linux.namespaces`.

import { type Namespace, type NamespaceType, oneIdMap, type UserMap } from "../../03-namespaces/index.ts";
import type { Spec } from "./oci.ts";
import type { NamespaceChoice, RunOptions } from "./options.ts";

/** Where the namespaces to be joined are: `{ network: "/proc/4711/ns/net" }`. */
export type Joined = Partial<Record<NamespaceType, string>>;

/** Who makes the container: the effective ids of this process. And who its users are, if they are others. */
export interface Owner {
  uid: number;
  gid: number;
  /** It is in a user namespace itself: the engine runs in a container. */
  isNested?: boolean;
  /** And that has no user or group besides root. */
  isOneId?: boolean;
  /** The first of the container's own ids on the host. */
  firstId?: number;
  /** It has this one id only: here files can't be shown as owned by others. */
  isSingle?: boolean;
}

/** So many users a container has that has its own: as many as fit into 16 bits, like everywhere. */
export const RANGE_SIZE = 65_536;

export function isHost(choice: NamespaceChoice | undefined): boolean {
  return choice === "host";
}

/** `container:web` → `web`; undefined if `choice` joins no container. */
export function joinedContainer(choice: NamespaceChoice | undefined): string | undefined {
  return choice?.startsWith("container:") ? choice.slice("container:".length) : undefined;
}

/** Without root the kernel lets us do nothing but make a user namespace; in there we are root, and the rest follows. */
export function hasUserNamespace(options: RunOptions, owner: Owner): boolean {
  return owner.uid !== 0 || options.userns === "private" || hasOwnUsers(options);
}

/** "auto": who is who inside has nothing to do with who is who outside. */
export function hasOwnUsers({ userns }: RunOptions): boolean {
  return userns === "auto";
}

export function namespaceList(options: RunOptions, owner: Owner, joined: Joined): Namespace[] {
  const chosen: [NamespaceType, NamespaceChoice | undefined][] = [
    ["mount", "private"],
    ["network", options.network],
    ["uts", options.uts],
    ["pid", options.pid],
    ["ipc", options.ipc],
    ["cgroup", options.cgroupns],
    ["user", hasUserNamespace(options, owner) || joined.user ? "private" : "host"],
  ];
  return chosen.filter(([, choice]) => !isHost(choice)).map(([type]) => namespace(type, joined));
}

/** The mounts of any container of ours are; a bundle that was made elsewhere may ask for the host's, or for another's. */
export function hasOwnMounts({ linux }: Pick<Spec, "linux">): boolean {
  return (linux?.namespaces ?? []).some(({ type, path }) => type === "mount" && !path);
}

function namespace(type: NamespaceType, joined: Joined): Namespace {
  const path = joined[type];
  return path === undefined ? { type } : { type, path };
}

/** Root inside is whoever made the container; a namespace that is joined has its map already. */
export function userMap(options: RunOptions, owner: Owner, joined: Joined): UserMap | undefined {
  if (joined.user !== undefined || !hasUserNamespace(options, owner)) return undefined;
  return ownMap(owner) ?? oneIdMap(owner);
}

/** The map of a container with users of its own. */
export function ownMap({ firstId, isSingle }: Owner): UserMap | undefined {
  if (firstId === undefined) return undefined;
  const all = [{ containerID: 0, hostID: firstId, size: isSingle ? 1 : RANGE_SIZE }];
  return { uidMappings: all, gidMappings: all };
}
