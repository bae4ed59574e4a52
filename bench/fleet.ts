// Many containers that sleep: how fast they come up one after the other, and what each of them keeps of the memory.

import { readFileSync } from "node:fs";
import { ensureImage } from "../src/06-images/index.ts";
import { type Container, locked, readContainer } from "../src/10-containers/container.ts";
import { createContainer } from "../src/10-containers/create.ts";
import type { Roots } from "../src/10-containers/folders.ts";
import { removeContainer } from "../src/10-containers/remove.ts";
import { runOptions } from "../src/10-containers/spec/options.ts";
import { startContainer } from "../src/10-containers/start.ts";
import { median } from "./measure.ts";
import type { Engine } from "./peers.ts";
import { timed } from "./stopwatch.ts";
import type { Row } from "./table.ts";

export interface Fleet {
  roots: Roots;
  stopwatch: string;
  /** How many of ours, and of each engine's, which take longer. */
  ours: number;
  theirs: number;
  engines: Engine[];
}

interface Measured {
  perSecond: number;
  /** Bytes: the middle one's proportional share (PSS) of each container's monitor. */
  monitor: number;
  /** Bytes a container, in all: monitors, programs, and what the kernel keeps for them. */
  all: number;
}

export async function fleetRows(fleet: Fleet): Promise<Row[]> {
  const ours = await sleepOurs(fleet);
  const theirs = Object.fromEntries(fleet.engines.map((engine) => [engine.name, sleepTheirs(fleet, engine)]));
  const told = (what: (measured: Measured) => string) =>
    Object.fromEntries(Object.entries(theirs).map(([name, measured]) => [name, what(measured)]));
  const podman = theirs.podman;
  return [
    {
      work: `${fleet.ours} detached sleeps, from one warm process`,
      ours: perSecond(ours),
      against: podman ? `podman ${perSecond(podman)}` : "podman: not measured",
      ratio: podman && ours.perSecond / podman.perSecond,
      wanted: "≥ 3",
      others: told(perSecond),
    },
    {
      work: "a monitor's memory (PSS)",
      ours: kilobytes(ours.monitor),
      against: "100 kB",
      ratio: ours.monitor / 100_000,
      wanted: "≤ 1",
      others: told(({ monitor }) => kilobytes(monitor)),
    },
    {
      work: "a sleeping container's memory, in all",
      ours: kilobytes(ours.all),
      against: "900 kB",
      ratio: ours.all / 900_000,
      wanted: "≤ 1",
      others: told(({ all }) => kilobytes(all)),
    },
  ];
}

const perSecond = ({ perSecond }: Measured): string => `${perSecond.toFixed(1)}/s`;
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;

async function sleepOurs({ roots, ours: count }: Fleet): Promise<Measured> {
  const image = await ensureImage(roots.root, "base");
  const before = kernelMemory();
  const containers: Container[] = [];
  try {
    const began = process.hrtime.bigint();
    for (let n = 0; n < count; n++) {
      const made = await createContainer(roots, image, runOptions("base", { command: ["sleep", "1000"] }));
      await locked(roots, made.record.id, (container) => startContainer(container));
      containers.push(made);
    }
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    const states = containers.map(({ record }) => readContainer(roots, record.id)!.state);
    const monitors = states.map(({ monitor }) => pss(monitor!.pid));
    const programs = states.map(({ process }) => pss(process!.pid));
    return { perSecond: count / seconds, ...shares(monitors, programs, kernelMemory() - before) };
  } finally {
    for (const { record } of containers) await end(roots, record.id);
  }
}

/** Without its monitor, which would start a command of ours for each of them. */
async function end(roots: Roots, id: string): Promise<void> {
  const monitor = readContainer(roots, id)?.state.monitor;
  if (monitor) process.kill(monitor.pid, "SIGKILL");
  await removeContainer(roots, id, { force: true });
}

function sleepTheirs({ stopwatch, theirs: count }: Fleet, engine: Engine): Measured {
  const before = kernelMemory();
  const seconds = Number(timed(stopwatch, engine.sleepers(count))()) / 1e9;
  const monitors = engine.monitors();
  const programs = monitors.flatMap(childrenOf);
  const kept = kernelMemory() - before;
  return { perSecond: count / seconds, ...shares(monitors.map(pss), programs.map(pss), kept) };
}

function shares(monitors: number[], programs: number[], kernel: number): Pick<Measured, "monitor" | "all"> {
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  return { monitor: median(monitors), all: (sum(monitors) + sum(programs) + kernel) / monitors.length };
}

/** Bytes; see proc_pid_smaps_rollup(5). */
function pss(pid: number): number {
  const [, kilobytes = "0"] = /^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

/** Bytes that the kernel itself keeps, for everybody: what it grows by is ours as far as nobody else is at work. */
function kernelMemory(): number {
  const text = readFileSync("/proc/meminfo", "utf8");
  const kinds = ["Slab", "KernelStack", "PageTables", "SecPageTables", "Percpu"];
  const sizes = kinds.map((kind) => Number(new RegExp(`^${kind}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0));
  return sizes.reduce((total, size) => total + size, 0) * 1024;
}
