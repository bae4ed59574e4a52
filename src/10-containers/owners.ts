// The user namespace that a plan needs a descriptor of, to show files with the owners that the container has for them.

import { closeSync } from "node:fs";
import { openUninhabited } from "../03-namespaces/index.ts";
import { USERNS } from "./plan.ts";
import type { Spec } from "./spec/oci.ts";

/** Lends `work` descriptors for the launcher, by register: one of a namespace with the container's map, if it has one. */
export function withOwners<T>(
  { linux, mounts = [] }: Pick<Spec, "linux" | "mounts">,
  isNeeded: boolean,
  work: (fds: Record<string, number>) => T,
): T {
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  const isAsked = mounts.some((mount) => (mount.uidMappings ?? []).length > 0);
  if (!isNeeded && !(isAsked && uidMappings.length > 0)) return work({});
  const fd = openUninhabited({ uidMappings, gidMappings });
  try {
    return work({ [USERNS]: fd });
  } finally {
    closeSync(fd);
  }
}
