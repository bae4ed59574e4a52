// What two looks at a process differ in: something is there that wasn't, is gone, or has another value.

import type { Launched } from "../../01-syscalls/index.ts";
import { AREAS, type Area, observe, type Snapshot, type Things } from "./observe.ts";

/** One difference. Without `before` the thing is new, without `after` it is gone. */
export interface Change {
  area: Area;
  name: string;
  before?: string;
  after?: string;
}

/** Looks at a launch again and again: at the launcher, and from the split on at its child. */
export class Observer {
  private last: Snapshot = {};

  /** What has changed since it was asked before. The first time there is nothing to compare with. */
  changes({ pid, launcherPid }: Launched): Change[] {
    const now = observe(pid || launcherPid);
    if (isLeaving(this.last, now)) return [];
    const changes = changesBetween(this.last, now);
    this.last = { ...this.last, ...now };
    return changes;
  }
}

/** A process on its way out loses its namespaces first; what else it lacks then means nothing. */
function isLeaving(before: Snapshot, now: Snapshot): boolean {
  return Object.keys(before.namespace ?? {}).some((kind) => now.namespace?.[kind] === undefined);
}

/** What is different in `after`, in the order of the areas. Nothing is said of an area that one of them lacks. */
export function changesBetween(before: Snapshot, after: Snapshot): Change[] {
  const isSameSpace = before.namespace?.mnt === after.namespace?.mnt;
  const [one, other] = isSameSpace ? [before, after] : [byPlace(before), byPlace(after)];
  return AREAS.flatMap((area) => {
    const [old, now] = [one[area], other[area]];
    return old && now ? differences(area, old, now) : [];
  });
}

/** In these, things come and go. In the others all are always there, and one that is missing could not be read. */
const COLLECTIONS: Area[] = ["mount", "capability", "network", "descriptor"];

function differences(area: Area, old: Things, now: Things): Change[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .filter((name) => old[name] !== now[name])
    .filter((name) => COLLECTIONS.includes(area) || (name in old && name in now))
    .map((name) => ({
      area,
      name,
      ...(old[name] !== undefined && { before: old[name] }),
      ...(now[name] !== undefined && { after: now[name] }),
    }));
}

/** A new mount namespace begins as a copy in which every mount has another id: only where they are is comparable. */
function byPlace(snapshot: Snapshot): Snapshot {
  if (!snapshot.mount) return snapshot;
  const seen = new Map<string, number>();
  const entries = Object.values(snapshot.mount).map((value) => {
    const [place = ""] = value.split(" ");
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    return [count === 1 ? place : `${place} (${count})`, value];
  });
  return { ...snapshot, mount: Object.fromEntries(entries) };
}
