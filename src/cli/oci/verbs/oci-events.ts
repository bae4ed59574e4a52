// `events`: what a container uses, now and again, and that it ran out of memory; a line of JSON each.

import { setTimeout as sleep } from "node:timers/promises";
import { oomKills } from "../../../04-cgroups/index.ts";
import { type RuntimeContainer, readContainer, statusOf } from "../../../10-containers/runtime/runtime-container.ts";
import { usageOf } from "../../../10-containers/runtime/usage.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean, durationMs } from "../../flags/values.ts";
import { writeAll } from "../../output.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

interface EventsAsked {
  intervalMs: number;
  stats: boolean;
}

const events = setters<EventsAsked>();

const FLAGS: FlagGroup<EventsAsked> = [
  "Options:",
  ["--interval", "duration", "Time between two lines (5s)", events.one("intervalMs", durationMs)],
  ["--stats", "", "One line, and no more", events.one("stats", boolean)],
];

const LOOK_MS = 50;

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const unasked = (): EventsAsked => ({ intervalMs: 5000, stats: false });
  const line = await readOciLine({ name: "events", flags: [FLAGS], unasked }, argv);
  if (!line) return 0;
  const container = readContainer(globals.root, line.words[0]!);
  tell(container, "stats", usageOf(container.group));
  if (!line.asked.stats) await follow(container, line.asked.intervalMs);
  return 0;
}

function tell({ id }: RuntimeContainer, type: "stats" | "oom", data?: object): void {
  writeAll(1, `${JSON.stringify({ type, id, ...(data && { data }) })}\n`);
}

/** Until it has ended. */
async function follow(container: RuntimeContainer, intervalMs: number): Promise<void> {
  let kills = oomKills(container.group);
  for (let next = Date.now() + intervalMs; statusOf(container) !== "stopped"; await sleep(LOOK_MS)) {
    const now = oomKills(container.group);
    if (now > kills) tell(container, "oom");
    kills = now;
    if (Date.now() < next) continue;
    tell(container, "stats", usageOf(container.group));
    next += intervalMs;
  }
}
