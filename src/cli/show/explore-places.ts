// Thousands of files in a few lines: the places where most bytes went. A place is a folder of the first two levels, or
// deeper where one folder has nearly all of it.

import type { SeenEntry } from "../../06-images/index.ts";

export interface Place {
  /** `usr/lib`, `usr/share/man`, or a file. */
  path: string;
  sign: "+" | "~" | "-";
  bytes: number;
  /** How many files; 1 for a file itself. */
  files: number;
  /** What became of all of it: one of its files, for all. */
  fate: SeenEntry | undefined;
  /** Of what is hidden: the layers in which it still is. */
  from: number[];
}

const LEVELS = 2;
const NEARLY_ALL = 0.9;

/** The largest places of a layer, at most `count`. */
export function largestPlaces(entries: SeenEntry[], count: number): Place[] {
  const told = entries.filter(({ type, change }) => type !== "directory" || change === "hidden");
  const groups = grouped(told, ({ change, path }) => `${change === "hidden"} ${start(path, LEVELS)}`);
  const places = groups.map((group) => placeOf(narrowed(group, LEVELS)));
  return places.sort((a, b) => b.bytes - a.bytes || b.files - a.files).slice(0, count);
}

interface Narrowed {
  path: string;
  inside: SeenEntry[];
}

/** As deep as it goes without losing much. */
function narrowed(inside: SeenEntry[], levels: number): Narrowed {
  const path = start(inside[0]!.path, levels);
  const groups = grouped(inside, (entry) => start(entry.path, levels + 1));
  const largest = groups.sort((a, b) => sum(b) - sum(a) || b.length - a.length)[0]!;
  const isDeeper = start(largest[0]!.path, levels + 1) !== path;
  const isNearlyAll = largest.length === inside.length || sum(largest) > sum(inside) * NEARLY_ALL;
  return isDeeper && isNearlyAll ? narrowed(largest, levels + 1) : { path, inside };
}

function placeOf({ path, inside }: Narrowed): Place {
  const [first] = inside as [SeenEntry];
  const { change, hiddenBy, isReplaced } = first;
  const isSame = inside.every((entry) => entry.hiddenBy === hiddenBy && entry.isReplaced === isReplaced);
  const isAdded = inside.every((entry) => entry.change === "added");
  return {
    path,
    sign: change === "hidden" ? "-" : isAdded ? "+" : "~",
    bytes: sum(inside),
    files: inside.length,
    fate: isSame && hiddenBy !== undefined ? first : undefined,
    from: [...new Set(inside.flatMap(({ from = [] }) => from))].sort((a, b) => a - b),
  };
}

/** `usr/share/man/man1`, 2 → `usr/share` */
function start(path: string, levels: number): string {
  return path.split("/").slice(0, levels).join("/");
}

function grouped(entries: SeenEntry[], keyOf: (entry: SeenEntry) => string): SeenEntry[][] {
  const groups = new Map<string, SeenEntry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()];
}

function sum(entries: SeenEntry[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0);
}
