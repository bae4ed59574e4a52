// Which volumes there are, and what `volume inspect` shows of one: Docker's shape.

import { findVolume, listVolumes, type Volume, volumeFolder } from "../../09-volumes/index.ts";
import type { Roots } from "../folders.ts";
import { volumeUsers } from "../volumes/volumes.ts";
import { Filters } from "./filters.ts";
import { parseTruth } from "./list-images.ts";

export interface VolumeRequest {
  filters?: [key: string, value: string][];
  onUnreadable?: (error: unknown) => void;
}

/** By name. Throws UserError for a filter that makes no sense. */
export function findVolumes(roots: Roots, { filters: pairs = [], onUnreadable }: VolumeRequest = {}): Volume[] {
  const filters = new Filters(pairs, ["dangling", "driver", "label", "name"]);
  const usersOf = filters.has("dangling") ? volumeUsers(roots) : () => [];
  return listVolumes(roots.root, onUnreadable).filter(
    ({ name, labels }) =>
      filters.matches("name", name) &&
      filters.matchesLabels(labels) &&
      filters.any("driver", (value) => value === "local") &&
      filters.any("dangling", (value) => parseTruth("dangling", value) === (usersOf(name).length === 0)),
  );
}

/** Throws UserError where there is none. */
export function inspectVolume(roots: Roots, name: string): Record<string, unknown> {
  const { created, labels, options } = findVolume(roots.root, name);
  return {
    CreatedAt: created,
    Driver: "local",
    Labels: orNull(labels),
    Mountpoint: mountpointOf(roots, name),
    Name: name,
    Options: orNull(options),
    Scope: "local",
  };
}

export function mountpointOf({ root }: Roots, name: string): string {
  return volumeFolder(root, name).data;
}

/** Go's empty map of what nobody has set. */
function orNull(pairs: Record<string, string>): Record<string, string> | null {
  return Object.keys(pairs).length > 0 ? pairs : null;
}
