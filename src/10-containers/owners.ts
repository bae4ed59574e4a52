// The user namespaces that a plan needs descriptors of, to show files with other owners than they have: the container's, and
// those of mounts that bring a map of their own.

import { closeSync } from "node:fs";
import { type Ref, reg } from "../01-syscalls/index.ts";
import { type Mount, planMount } from "../02-rootfs/index.ts";
import { openUninhabited, type UserMap } from "../03-namespaces/index.ts";
import type { Linux, Spec } from "./spec/oci.ts";

/** The register of a user namespace with the container's map, where one is needed: whoever launches the plan gives it. */
export const USERNS = "userns";

/** The register of that, for a map that needs it: files of one id alone are shown as they are. */
export function ownersOf({ linux }: Pick<Spec, "linux">): Ref | undefined {
  const ids = (linux?.uidMappings ?? []).reduce((sum, { size }) => sum + size, 0);
  return ids > 1 ? reg(USERNS) : undefined;
}

/** Lends `work` descriptors for the launcher, by register: one for each map that is asked for. */
export function withOwners<T>(
  { linux = {}, mounts = [] }: Pick<Spec, "linux" | "mounts">,
  isNeeded: boolean,
  work: (fds: Record<string, number>) => T,
): T {
  const isShifted = isNeeded && ownersOf({ linux }) !== undefined;
  const wanted = [...(isShifted ? [mapOf(linux)] : []), ...mounts.map((mount) => mapFor(mount, linux))];
  const maps = new Map(wanted.flatMap((map) => (map ? [[nameOf(map, linux), map]] : [])));
  const fds: Record<string, number> = {};
  try {
    for (const [name, map] of maps) fds[name] = openUninhabited(map);
    return work(fds);
  } finally {
    for (const fd of Object.values(fds)) closeSync(fd);
  }
}

/** For the steps that need it: the register of the map that a mount asks for. */
export function usernsFor(linux: Linux): (mount: Mount) => Ref | undefined {
  return (mount) => {
    const map = mapFor(mount, linux);
    return map && reg(nameOf(map, linux));
  };
}

/** Its own, or the container's, if it says no more than that it wants one. */
function mapFor(mount: Mount, linux: Linux): UserMap | undefined {
  const { uidMappings = [], gidMappings = [] } = mount;
  if (uidMappings.length + gidMappings.length > 0) return { uidMappings, gidMappings };
  return planMount(mount).options.idmap ? mapOf(linux) : undefined;
}

function mapOf({ uidMappings = [], gidMappings = [] }: Linux): UserMap | undefined {
  return uidMappings.length + gidMappings.length > 0 ? { uidMappings, gidMappings } : undefined;
}

function nameOf(map: UserMap, linux: Linux): string {
  const text = textOf(map);
  const own = mapOf(linux);
  return own && textOf(own) === text ? USERNS : `${USERNS} ${text}`;
}

function textOf({ uidMappings, gidMappings }: UserMap): string {
  const lines = (map: UserMap["uidMappings"]) =>
    map.map(({ containerID, hostID, size }) => `${containerID}:${hostID}:${size}`).join(",");
  return `${lines(uidMappings)};${lines(gidMappings)}`;
}
