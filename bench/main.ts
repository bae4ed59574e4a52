// All that is measured, one after the other, and a table of it.

import { execFileSync } from "node:child_process";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import { buildRows } from "./builds.ts";
import { commandRows, RUN_ALONE } from "./commands.ts";
import { startDockerd } from "./dockerd.ts";
import { fleetRows } from "./fleet.ts";
import { type ImageWork, imageRows } from "./images.ts";
import { networkRows } from "./networks.ts";
import { ordinaryUserRow } from "./ordinary-users.ts";
import { findPeers } from "./peers.ts";
import { comparison, startRow } from "./start.ts";
import { markdown, type Row } from "./table.ts";
import { makeTrue, removeTrue, warmUp } from "./warm.ts";

export interface Bench {
  /** The repository. */
  root: string;
  /** Everything that is made goes here, and away with it. */
  folder: string;
  /** Compiles a C file and returns the program. */
  compiled: (source: string) => string;
  /** Bundles a TypeScript file of this folder and returns the program. */
  bundled: (name: string) => Promise<string>;
  isQuick: boolean;
  /** What NODE_EXTRA_CA_CERTS names on this machine. */
  certificates: string | undefined;
  /** Nothing but images, or nothing but networks. */
  only: "images" | "networks" | undefined;
}

export async function main(bench: Bench): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("npm run bench starts containers as root does: it needs root");
  if (bench.only !== "networks") await measureAlone(bench);
  if (bench.only !== "images") await showNetworks(bench);
}

async function measureAlone(bench: Bench): Promise<void> {
  const dockerd = await startDockerd(bench.folder);
  try {
    await measure(bench);
  } finally {
    await dockerd?.close();
  }
}

function rootsIn(folder: string) {
  return { root: join(folder, "root"), state: join(folder, "state") };
}

function cliOf({ root, folder }: Bench): string[] {
  const roots = rootsIn(folder);
  return [join(root, "dist/mini-docker.js"), "--root", roots.root, "--state", roots.state];
}

/** Each engine has a host of its own there. */
async function showNetworks(bench: Bench): Promise<void> {
  const { root, folder, compiled, bundled, isQuick, certificates } = bench;
  const roots = rootsIn(folder);
  const stopwatch = compiled(join(root, "bench/stopwatch.c"));
  const warmCable = [process.execPath, await bundled("warm-cable.ts"), roots.root, roots.state];
  const rounds = isQuick ? 1 : 15;
  await makeTrue(roots, join(folder, "bundle-cable"));
  try {
    show(
      await networkRows(
        { folder, stopwatch, cli: cliOf(bench), warmCable, compiled, rounds, isQuick, certificates },
        tell,
      ),
    );
  } finally {
    await removeTrue(roots);
  }
}

async function measure(bench: Bench): Promise<void> {
  const { root, folder, compiled, bundled, isQuick, only, certificates } = bench;
  const roots = rootsIn(folder);
  const cli = cliOf(bench);
  const ask = (...args: string[]) => execFileSync(cli[0]!, [...cli.slice(1), ...args], { encoding: "utf8" });
  const stopwatch = compiled(join(root, "bench/stopwatch.c"));
  const bundle = join(folder, "bundle");
  const rounds = isQuick ? 1 : 15;
  const images = { folder, stopwatch, program: cli.slice(0, 1), rounds: isQuick ? 1 : 3, isQuick };

  tell(machineLine());
  if (only === "images") return showImages(images);
  await makeTrue(roots, bundle);
  const warm = await warmUp(roots);
  ask("run", "-d", "--network", "none", "--name", "up", "base", "sleep", "100000");
  // What V8 compiled of a command is kept in its first times; what it makes faster here, from the tenth or so.
  for (const args of [["--version"], ["exec", "up", "true"], RUN_ALONE]) for (let n = 0; n < 4; n++) ask(...args);
  for (let n = 0; n < (isQuick ? 1 : 30); n++) await warm.start();
  const peers = await findPeers(folder, join(bundle, "rootfs"));
  try {
    for (const line of peers.absent) tell(`Not measured: ${line}`);
    const { engines, runtimes } = peers;
    const onceMore = [process.execPath, await bundled("once.ts"), roots.root, roots.state];
    const starts = { folder, compiled, stopwatch, bundle, warm, runtimes, rounds: isQuick ? 2 : 40, onceMore };
    tell(`The ${comparison(starts)}.`);
    const fleet = { roots, stopwatch, engines, ours: isQuick ? 3 : 200, theirs: isQuick ? 2 : 20 };
    show([
      ...(await commandRows({ stopwatch, cli, engines, rounds, certificates })),
      ...(await ordinaryUserRow({ root, folder, stopwatch, rounds }).then((row) => [row], leftOut("ordinary users"))),
      await startRow(starts),
      ...(await fleetRows(fleet)),
    ]);
  } finally {
    peers.close();
    ask("rm", "-f", "up");
    await removeTrue(roots);
  }
  await showImages(images);
}

/** Tells why something can't be measured here. */
function leftOut(what: string): (error: Error) => never[] {
  return ({ message }) => {
    tell(`Not measured: ${what}: ${message}`);
    return [];
  };
}

/** These take minutes, so they come last and in a table of their own. */
async function showImages(work: ImageWork): Promise<void> {
  show(await imageRows(work, tell));
  show(await buildRows(work));
}

function show(rows: Row[]): void {
  tell(machineLine());
  console.log(`\n${markdown(rows)}`);
}

function tell(line: string): void {
  console.error(line);
}

function machineLine(): string {
  const [{ model } = { model: "?" }] = cpus();
  const load = loadavg().map((each) => each.toFixed(1));
  return `Linux ${release()}, ${cpus().length} × ${model}, Node ${process.version}, load ${load.join(" ")}`;
}
