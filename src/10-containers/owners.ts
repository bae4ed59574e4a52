// The user namespace that a plan needs a descriptor of, to show files with the owners that the container has for them.

import { closeSync } from "node:fs";
import { type Ref, reg } from "../01-syscalls/index.ts";
import { openUninhabited } from "../03-namespaces/index.ts";
import type { Spec } from "./spec/oci.ts";

/** The register of a user namespace with the container's map, where one is needed: whoever launches the plan gives it. */
export const USERNS = "userns";

/** The register of that, for a map that needs it: files of one id alone are shown as they are. */
export function ownersOf({ linux }: Pick<Spec, "linux">): Ref | undefined {
  const ids = (linux?.uidMappings ?? []).reduce((sum, { size }) => sum + size, 0);
  return ids > 1 ? reg(USERNS) : undefined;
}

/** Lends `work` descriptors for the launcher, by register: one of a namespace with the container's map, if it has one. */
export function withOwners<T>(
  { linux = {}, mounts = [] }: Pick<Spec, "linux" | "mounts">,
  isNeeded: boolean,
  work: (fds: Record<string, number>) => T,
): T {
  const { uidMappings = [], gidMappings = [] } = linux;
  const isAsked = mounts.some((mount) => (mount.uidMappings ?? []).length > 0);
  const isShifted = isNeeded && ownersOf({ linux }) !== undefined;
  if (!isShifted && !(isAsked && uidMappings.length > 0)) return work({});
  const fd = openUninhabited({ uidMappings, gidMappings });
  try {
    return work({ [USERNS]: fd });
  } finally {
    closeSync(fd);
  }
}
