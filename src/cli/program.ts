#!/usr/bin/env -S -u NODE_EXTRA_CA_CERTS MINI_DOCKER_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS} node --
// The first file Node reads. A command takes little longer than an empty program only if next to nothing is compiled for
// it, so:
//
//   1. The bundle is four files, each an object of functions, one for each chunk that esbuild made. What commands of every
//      day need is in the first two, which are all that most commands ever read (scripts/bundle.mjs).
//   2. What V8 compiled while a verb ran is kept beside the bundle, one file for each verb and version of Node. From then
//      on the same functions are loaded and not compiled. One run goes other ways through a verb than the next (the first
//      makes an image, one stays with its container, one doesn't), so the first few add to it. An ordinary user's goes other
//      ways than root's all along, and has files of its own.
//
// V8 doesn't check what is in such a file, and code is what it is. So it lies where the code itself lies, can be written
// by those who can change the code, and by nobody else; where we may not write, commands are slower and that is all.
//
// Node 20 reads all certificates that NODE_EXTRA_CA_CERTS names before anything else, and that can take longer than all we
// do. So the first line keeps the variable from Node, under another name; where one is needed, it is read.

import {
  closeSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { Script } from "node:vm";

/** The chunk that this program begins with: there are two programs, and this file is the start of both. */
declare const MAIN: string;

/** The files' names. They have a digest in them: what was kept for others is never taken for these. */
declare const BUNDLES: string[];

type Exports = Record<string, unknown>;
type Chunk = (require: (name: string) => unknown, dirname: string, filename: string) => Exports;

interface Main {
  main(argv: string[], importModule: (url: string) => Promise<Exports>, atLast: () => void): Promise<number>;
  isVerb(name: string): boolean;
}

/** One of the files, compiled. */
interface Part {
  script: Script;
  chunks: Record<string, Chunk>;
  /** Where what is compiled of it for this verb is kept. */
  kept: string;
  /** How many runs of the verb that was gathered in. */
  runs: number;
}

const ENOUGH_RUNS = 4;

// No verb is called so, but a flag's value.
const VALUES = ["json", "text"];
const [verb = ""] = process.argv.slice(2).filter((word) => /^[a-z]+$/.test(word) && !VALUES.includes(word));
const parts: Part[] = [];
const loaded = new Map<string, Exports>();
/** More than any of our files needs; what isn't written to costs nothing. */
let room = Buffer.allocUnsafeSlow(2 << 20);

/** A chunk's exports. Each chunk is loaded once, so what is exported to students is what the engine itself uses. */
export function load(name: string): Exports {
  const known = loaded.get(name);
  if (known) return known;
  const exports = chunkNamed(name)(requireFrom, __dirname, __filename);
  loaded.set(name, exports);
  return exports;
}

/** The next file is looked at when a chunk isn't in the ones before. */
function chunkNamed(name: string): Chunk {
  const index = BUNDLES.findIndex((_, at) => name in partAt(at).chunks);
  return partAt(index).chunks[name]!;
}

function partAt(index: number): Part {
  parts[index] ??= compiled(BUNDLES[index]!);
  return parts[index];
}

function requireFrom(name: string): unknown {
  return name.startsWith("./") ? load(name) : require(name);
}

function compiled(bundle: string): Part {
  const filename = join(__dirname, bundle);
  const source = read(filename).toString("latin1");
  const kept = keptFor(filename, process.getuid?.() === 0 ? "root" : "user");
  // A user who may keep nothing here does better with root's than with none.
  const { code, runs } = readKept(kept) ?? { ...readKept(keptFor(filename, "root")), runs: 0 };
  const script = new Script(source, { filename, ...(code && { cachedData: code }) });
  const isUsed = code !== undefined && !script.cachedDataRejected;
  return { script, chunks: script.runInThisContext() as Part["chunks"], kept, runs: isUsed ? runs : 0 };
}

function keptFor(filename: string, who: string): string {
  return [filename, basename(MAIN, ".js"), verb, who, process.version, process.arch, "cache"].join(".");
}

/** V8's code, and the number of runs in one more byte. */
function readKept(path: string): { code: Buffer; runs: number } | undefined {
  try {
    const bytes = read(path);
    return { code: bytes.subarray(0, -1), runs: bytes.at(-1) ?? 0 };
  } catch {
    return undefined;
  }
}

/**
 * A file, until the next one is read: all are read into the same memory. The kernel has to find each page that is written
 * to for the first time, and that takes longer than reading it.
 */
function read(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    if (room.length < size) room = Buffer.allocUnsafeSlow(size);
    return room.subarray(0, readSync(fd, room, 0, size, 0));
  } finally {
    closeSync(fd);
  }
}

/** Two that do this at once write the same; a reader finds the whole file or none. */
function keep({ script, kept, runs }: Part): void {
  const draft = `${kept}.${process.pid}`;
  try {
    const fd = openSync(draft, "wx", 0o644);
    writeFileSync(fd, Buffer.concat([script.createCachedData(), Buffer.of(runs + 1)]));
    // What root runs in somebody's folder leaves nothing of root's there.
    const { uid, gid } = statSync(__dirname);
    if (process.getuid?.() === 0) fchownSync(fd, uid, gid);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(draft, kept);
  } catch {
    rmSync(draft, { force: true });
  }
}

async function start(argv: string[]): Promise<void> {
  const { main, isVerb } = load(MAIN) as unknown as Main;
  const isTypical = (verb === "" || isVerb(verb)) && !argv.includes("--help");
  const keepAll = () => {
    if (isTypical) for (const part of parts.filter(({ runs }) => runs < ENOUGH_RUNS)) keep(part);
  };
  const exitCode = await main(argv, (url) => import(url), keepAll);
  if (exitCode === 0) keepAll();
  process.exit(exitCode);
}

/** Back where whoever we start, and whoever has us hand it on to a container, looks for it. */
function takeCertificatesBack(): void {
  const { MINI_DOCKER_EXTRA_CA_CERTS: kept } = process.env;
  delete process.env.MINI_DOCKER_EXTRA_CA_CERTS;
  if (kept) process.env.NODE_EXTRA_CA_CERTS = kept;
}

takeCertificatesBack();
// Loaded by a module of a student's, and not as a program, it starts nothing.
if (require.main === module) start(process.argv.slice(2));
