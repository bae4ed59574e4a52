// Work with images, next to podman and skopeo, from and to a real registry on this machine: into an empty store each
// time, in memory and on disk, since making files is slow on many disks whoever makes them.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { type RealRegistry, startRegistry } from "../test/support/registry.ts";
import { medians, type Once } from "./measure.ts";
import { findProgram } from "./programs.ts";
import { TINY, WHOLE, writeSample } from "./sample-image.ts";
import { timed } from "./stopwatch.ts";
import { milliseconds, type Row } from "./table.ts";

export interface ImageWork {
  folder: string;
  stopwatch: string;
  /** `node dist/mini-docker.js` */
  program: string[];
  rounds: number;
  isQuick: boolean;
}

interface Place {
  name: string;
  folder: string;
}

/** Rows for what is installed here; who is missing is told. */
export async function imageRows(work: ImageWork, tell: (line: string) => void): Promise<Row[]> {
  const missing = ["docker-registry", "skopeo"].filter((program) => !findProgram(program));
  if (missing.length > 0) {
    tell(`Not measured: images, for want of ${missing.join(" and ")}`);
    return [];
  }
  const sample = join(work.folder, "sample");
  const archive = join(work.folder, "sample.tar");
  writeSample(sample, work.isQuick ? TINY : WHOLE);
  skopeo(`oci:${sample}:sample`, `docker-archive:${archive}:localhost/sample:1`);
  const places = placesFor(work.folder);
  const registry = await startRegistry();
  try {
    skopeo(`oci:${sample}:sample`, `docker://${registry.host}/sample:1`);
    const rows: Row[] = [];
    for (const place of places) {
      rows.push(await storeRow(work, place, { name: "pull and unpack", words: pulling(registry), wanted: PULL }));
      rows.push(await storeRow(work, place, { name: "load an archive", words: loading(archive), wanted: LOAD }));
    }
    return [...rows, await pushRow(work, sample)];
  } finally {
    await registry.close();
    for (const { folder } of places) rmSync(folder, { recursive: true, force: true });
  }
}

const PULL = { memory: "≤ 0.5", disk: "≤ 0.8" };
const LOAD = { memory: "≤ 0.6", disk: "≤ 0.8" };

/** What follows the program's name, ours and podman's. */
interface Words {
  ours: string[];
  podman: string[];
}

const pulling = ({ host }: RealRegistry): Words => ({
  ours: ["pull", "-q", `${host}/sample:1`],
  podman: ["pull", "-q", "--tls-verify=false", `${host}/sample:1`],
});

/** Podman unpacks what it loads; we do so when it is first used. */
const loading = (archive: string): Words => ({
  ours: ["load", "-q", "-i", archive],
  podman: ["load", "-q", "-i", archive],
});

interface StoreWork {
  name: string;
  words: Words;
  wanted: typeof PULL;
}

async function storeRow(work: ImageWork, place: Place, { name, words, wanted }: StoreWork): Promise<Row> {
  const [ours, theirs] = [join(place.folder, "o"), join(place.folder, "p")];
  const program = [...work.program, "--root", join(ours, "root"), "--state", join(ours, "state")];
  const podman = podmanIn(theirs);
  const unpack = words.ours[0] === "load" ? [[...program, "create", "localhost/sample:1"]] : [];
  const times = await medians(
    {
      ours: inNew(ours, work.stopwatch, [[...program, ...words.ours], ...unpack]),
      ...(podman && { podman: inNew(theirs, work.stopwatch, [[...podman, ...words.podman]]) }),
    },
    work.rounds,
  );
  rmSync(ours, { recursive: true, force: true });
  if (podman) execFileSync(podman[0]!, [...podman.slice(1), "system", "reset", "--force"], { stdio: "ignore" });
  const goal = place.name === "disk" ? wanted.disk : wanted.memory;
  return row(`${name}, ${place.name}`, times, { than: "podman", wanted: goal });
}

const FOLDERS = { root: "g", runroot: "r", tmpdir: "t" };

function podmanIn(folder: string): string[] | undefined {
  const podman = findProgram("podman");
  // Where it runs may have a path of 50 characters at most.
  const own = Object.entries(FOLDERS).flatMap(([name, at]) => [`--${name}`, join(folder, at)]);
  return podman === undefined ? undefined : [podman, ...own, "--events-backend", "none"];
}

/** Everything that was in the folder is gone before the watch starts; several commands count together. */
function inNew(folder: string, stopwatch: string, commands: string[][]): Once {
  const each = commands.map((argv) => timed(stopwatch, { argv }));
  return async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    let nanoseconds = 0;
    for (const once of each) nanoseconds += await once();
    return nanoseconds;
  };
}

/** A registry that has none of it, each time: it would say so, and nothing would be sent. */
async function pushRow({ folder, stopwatch, program, rounds }: ImageWork, sample: string): Promise<Row> {
  const ours = [...program, "--root", join(folder, "pushing/root"), "--state", join(folder, "pushing/state")];
  const ask = (...args: string[]) => execFileSync(ours[0]!, [...ours.slice(1), ...args]);
  ask("create", `oci:${sample}:sample`);
  const contenders = {
    ours: toNew(async (host) => {
      const name = `${host}/sample:1`;
      ask("tag", "localhost/sample:sample", name);
      const took = await timed(stopwatch, { argv: [...ours, "push", "-q", name] })();
      ask("rmi", name);
      return took;
    }),
    skopeo: toNew((host) =>
      timed(stopwatch, { argv: [...SKOPEO, `oci:${sample}:sample`, `docker://${host}/sample:1`] })(),
    ),
  };
  return row("push", await medians(contenders, rounds), { than: "skopeo", wanted: "≤ 1" });
}

function toNew(once: (host: string) => ReturnType<Once>): Once {
  return async () => {
    const registry = await startRegistry();
    try {
      return await once(registry.host);
    } finally {
      await registry.close();
    }
  };
}

function row(work: string, times: Record<string, number>, { than, wanted }: { than: string; wanted: string }): Row {
  const theirs = times[than];
  return {
    work,
    ours: milliseconds(times.ours!),
    against: theirs === undefined ? "–" : `${than} ${milliseconds(theirs)}`,
    ratio: theirs === undefined ? undefined : times.ours! / theirs,
    wanted,
    others: {},
  };
}

const TMPFS_MAGIC = 0x01021994;
/** Ours and podman's, and room to spare. */
const ROOM = 2 << 30;

/** In memory where there is some, and where the bench has its folder, unless that is in memory, too. */
function placesFor(folder: string): Place[] {
  const memory = "/dev/shm";
  const isRoomy = existsSync(memory) && isMemory(memory) && statfsSync(memory).bavail * statfsSync(memory).bsize > ROOM;
  const own = { name: isMemory(folder) ? "tmpfs" : "disk", folder: join(folder, "i") };
  mkdirSync(own.folder);
  if (!isRoomy || own.name === "tmpfs") return [own];
  return [{ name: "tmpfs", folder: mkdtempSync(`${memory}/mini-docker-`) }, own];
}

function isMemory(folder: string): boolean {
  return statfsSync(folder).type === TMPFS_MAGIC;
}

const SKOPEO = [findProgram("skopeo") ?? "skopeo", "--insecure-policy", "copy", "-q", "--dest-tls-verify=false"];

function skopeo(from: string, to: string): void {
  execFileSync(SKOPEO[0]!, [...SKOPEO.slice(1), from, to], { stdio: ["ignore", "ignore", "inherit"] });
}
