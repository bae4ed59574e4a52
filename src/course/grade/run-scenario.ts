// One start of a runtime, from what is planted to what is left: everything that is known of it, as one Seen.

import { randomInt } from "node:crypto";
import type { Scenario } from "./check.ts";
import { evidenceOf, NOTHING, type Surroundings } from "./evidence.ts";
import { type Before, leftovers, stateBefore, TOKEN, takeAway } from "./leftovers.ts";
import { startMeter } from "./meter.ts";
import type { Place, StartedRuntime } from "./place.ts";
import { changesBetween, type Listing, listingOf } from "./plant.ts";
import type { Planted } from "./planted.ts";
import { isRunning, memoryKills } from "./processes.ts";
import { type Runtime, told } from "./runtime.ts";
import type { Seen } from "./seen.ts";
import { type Watched, watchProbe } from "./watch-probe.ts";

/** Above all that Node and a launcher use; Node marks those that lie without a gap above its own close-on-exec. */
const KEY_FDS = [40, 100] as const;

export interface Run {
  place: Place;
  runtime: Runtime;
  scenario: Scenario;
  planted: Planted;
  timeoutMs: number;
  /** Ends it, and tidies up. */
  signal: AbortSignal;
}

export async function runScenario(run: Run): Promise<Seen> {
  const { place, scenario, planted } = run;
  const began = Date.now();
  const rootfs = planted.rootfs === "/" ? "/" : `${place.folder}/${planted.rootfs}`;
  const listing = planted.rootfs === "/" ? new Map() : await listingOf(place, rootfs);
  const meter = scenario.meter ? await startMeter(place, planted.probe) : undefined;
  const before = stateBefore(place);
  const killsBefore = memoryKills();
  let started: StartedRuntime | undefined;
  let moments: Seen["moments"] = [];
  try {
    const key = { path: `${place.folder}/key`, fd: randomInt(...KEY_FDS) };
    const { words, named } = wordsFor(scenario, { key, meter: meter?.number });
    started = await startRuntime(run, { rootfs, words, key });
    const surroundings = surroundingsOf(run, rootfs);
    const watched = await watch(run, { started, words, named, surroundings, known: before.pids });
    moments = watched.moments;
    const isMeterAlive = meter !== undefined && isRunning(meter.pid);
    const ended = await endOf(started, watched);
    const left = await leftovers(before, { place, planted, moments });
    return {
      scenario: scenario.id,
      outcome: watched.outcome,
      runtime: evidenceOf(place.pid, surroundings) ?? NOTHING,
      probe: watched.moments[0] ?? NOTHING,
      moments: watched.moments,
      answers: watched.answers,
      exitCode: ended,
      ended: watched.moments.length === 0 ? "never ran" : watched.killedAt === undefined ? "by itself" : "killed",
      ...(watched.killedAt !== undefined && watched.moments.length > 0 && { killedAt: watched.killedAt }),
      memoryKills: memoryKills() - killsBefore,
      changes: await changes(run, rootfs, listing),
      isMeterAlive,
      left,
      ...told(started.printed()),
      ms: Date.now() - began,
    };
  } finally {
    started?.kill();
    meter?.end();
    await takeAway(before, { place, planted, moments });
  }
}

/** Where the key is, and the descriptor it is open at, which nobody can know before. */
interface Key {
  path: string;
  fd: number;
}

interface Start {
  rootfs: string;
  words: string[];
  key: Key;
}

function startRuntime({ place, runtime, scenario, planted }: Run, { rootfs, words, key }: Start) {
  const command = planted.rootfs === "/" ? `${place.folder}/${planted.command}` : planted.command;
  return place.start([...runtime.argv, rootfs, command, ...words], {
    env: { ...scenario.env, [TOKEN]: planted.probe },
    open: scenario.leaksKey ? key : undefined,
  });
}

/** The probe always waits at its end, so that its last answer is heard. */
function wordsFor({ probe }: Scenario, { key, meter }: { key: Key; meter: number | undefined }) {
  const named = probe.at(-1) === "wait" ? probe : [...probe, "wait"];
  const known: Record<string, string> = { "{key}": key.path, "{keyFd}": `${key.fd}`, "{meter}": `${meter ?? 0}` };
  return { named, words: named.map((word) => word.replace(/\{\w+\}/, (name) => known[name] ?? name)) };
}

function surroundingsOf({ place, planted }: Run, rootfs: string): Surroundings {
  return { runtime: place.pid, rootfs, key: `${place.folder}/key`, mark: planted.mark };
}

interface Watchable {
  started: StartedRuntime;
  words: string[];
  named: string[];
  surroundings: Surroundings;
  known: Before["pids"];
}

async function watch({ planted, timeoutMs, signal }: Run, { started, ...what }: Watchable): Promise<Watched> {
  let isOver = false;
  void started.ended.then(
    () => {
      isOver = true;
    },
    () => {},
  );
  return watchProbe({
    ...what,
    name: planted.probe,
    program: planted.program,
    isOver: () => isOver,
    deadline: Date.now() + timeoutMs,
    signal,
  });
}

/** A probe that has ended, and a runtime that doesn't notice, are a runtime that is too slow. */
async function endOf(started: StartedRuntime, { outcome }: Watched): Promise<number> {
  if (outcome !== "seen" && outcome !== "not started") started.kill();
  return started.ended;
}

async function changes({ place, planted }: Run, rootfs: string, before: Listing): Promise<string[]> {
  if (planted.rootfs === "/") return [];
  return changesBetween(before, await listingOf(place, rootfs));
}
