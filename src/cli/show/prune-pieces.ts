// All ways to prune ask the same question first, take the same filters and tell what went in the same words.

import { createInterface } from "node:readline";
import type { Pruned } from "../../10-containers/prune.ts";
import { filterPair } from "../flags/filter-flag.ts";
import { type Flag, setters } from "../flags/flags.ts";
import { moment } from "../flags/moments.ts";
import { boolean } from "../flags/values.ts";
import { humanSize } from "./units.ts";

export interface PruneAsked {
  all: boolean;
  filters: [key: string, value: string][];
  force: boolean;
}

export const pruneAsked = (): PruneAsked => ({ all: false, filters: [], force: false });

const prune = setters<PruneAsked>();

export const ALL: Flag<PruneAsked> = [
  "-a, --all",
  "",
  "Remove all unused images, not just dangling ones",
  prune.one("all", boolean),
];

export const PRUNE_FLAGS: Flag<PruneAsked>[] = [
  ["--filter", "filter", 'Provide filter values ("until=<timestamp>", "label=<key>")', prune.many("filters", pair)],
  ["-f, --force", "", "Do not prompt for confirmation", prune.one("force", boolean)],
];

/** The engine gets moments as milliseconds. */
function pair(text: string): [key: string, value: string] {
  const [key, value] = filterPair(text);
  return [key, key === "until" ? String(moment(value) / 1_000_000n) : value];
}

/** True if the person, told what is about to happen, says yes. The end of the input is a no. */
export async function isConfirmed(warning: string, force: boolean): Promise<boolean> {
  if (force) return true;
  process.stdout.write(`WARNING! ${warning}\nAre you sure you want to continue? [y/N] `);
  const lines = createInterface({ input: process.stdin, terminal: false });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}

export function printPruned(all: Pruned[], { moreBytes = 0 } = {}): void {
  const containers = all.flatMap((pruned) => pruned.containers);
  const untagged = all.flatMap(({ images }) => images.untagged.map((tag) => `untagged: ${tag}`));
  const deleted = all.flatMap(({ images }) => images.deleted.map((digest) => `deleted: ${digest}`));
  const volumes = all.flatMap((pruned) => pruned.volumes);
  const bytes = all.reduce((sum, { reclaimedBytes }) => sum + reclaimedBytes, moreBytes);
  const text = [
    section("Deleted Containers:", containers),
    section("Deleted Volumes:", volumes),
    section("Deleted Images:", [...untagged, ...deleted]),
  ];
  process.stdout.write(`${text.join("")}Total reclaimed space: ${humanSize(bytes)}\n`);
}

function section(title: string, lines: string[]): string {
  return lines.length === 0 ? "" : `${[title, ...lines].join("\n")}\n\n`;
}
