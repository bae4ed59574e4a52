// What two looks at a process differ in: something is there that wasn't, is gone, or has another value.

import { AREAS, type Area, type Snapshot, type Things } from "./observe.ts";

/** One difference between two looks. Without `before` the thing is new, without `after` it is gone. */
export interface Change {
  area: Area;
  name: string;
  before?: string;
  after?: string;
}

/** What is different in `after`, in the order of the areas. Nothing is said of an area that one of them lacks. */
export function changesBetween(before: Snapshot, after: Snapshot): Change[] {
  const [one, other] =
    before.namespace?.mnt === after.namespace?.mnt ? [before, after] : [byPlace(before), byPlace(after)];
  return AREAS.flatMap((area) => {
    const [old, now] = [one[area], other[area]];
    return old && now ? differences(area, old, now) : [];
  });
}

function differences(area: Area, old: Things, now: Things): Change[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .filter((name) => old[name] !== now[name])
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
