// A lab from outside: opened, come back to, thrown away. It is a container by a known name, so whoever asks for the lab of
// a workshop gets the same one, until somebody resets it or the machine is started again.

import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../01-syscalls/index.ts";
import { ensureImage } from "../../06-images/index.ts";
import { type Container, findId, locked, readContainer } from "../../10-containers/container.ts";
import { createContainer } from "../../10-containers/create.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { isAlive, type ProcessId } from "../../10-containers/identity.ts";
import { removeContainer } from "../../10-containers/remove.ts";
import { settle } from "../../10-containers/settle.ts";
import { startContainer } from "../../10-containers/start.ts";
import { ignoreGone } from "../../10-containers/stop.ts";
import { labRefusal } from "./finding.ts";
import { LAB_LABEL, type LabWish, labName, labOptions, REAPER_NAME } from "./options.ts";
import { type LabExec, type LabProcess, startInLab } from "./process.ts";

export interface Lab {
  /** As a container. */
  id: string;
  name: string;
  /** Its first process, on the machine: what /proc/PID says of that holds for the lab. */
  pid: number;
  /** Starts a program in it, as its root. */
  exec(argv: string[], options?: LabExec): Promise<LabProcess>;
  /** The same, to its end. */
  run(argv: string[], options?: LabRun): Promise<LabResult>;
  /** Throws the lab away, with all that was done in it. */
  close(): Promise<void>;
}

export interface LabRun extends Pick<LabExec, "cwd" | "env"> {
  input?: string | Buffer;
}

export interface LabResult {
  /** See `LabProcess.ended`. */
  exitCode: number | undefined;
  /** Of stdout and stderr, in the order in which it came. */
  output: string;
}

/** The lab of this workshop: the one there is, or a new one. Throws UserError where there can be none. */
export async function openLab(roots: Roots, wish: LabWish = {}): Promise<Lab> {
  try {
    return await open(roots, wish);
  } catch (cause) {
    const refusal = labRefusal();
    throw refusal === undefined ? cause : new UserError("there can be no lab here", { cause, ...refusal });
  }
}

async function open(roots: Roots, wish: LabWish): Promise<Lab> {
  const known = labIdOf(roots, wish);
  // By its id: by its name it could be the new one that somebody else has made in the meantime.
  if (known !== undefined && !(await isUsable(roots, known, wish))) await remove(roots, known);
  const id = labIdOf(roots, wish) ?? (await createLab(roots, wish));
  return lab(await furnished(await started(roots, id)));
}

/** The lab of this workshop, if it is open. */
export async function findLab(roots: Roots, wish: LabWish = {}): Promise<Lab | undefined> {
  const id = labIdOf(roots, wish);
  const container = id === undefined ? undefined : readContainer(roots, id);
  return container && isWhole(container.state.process) ? lab(await furnished(container)) : undefined;
}

/** Throws away what was done in it, and opens a new one. */
export async function resetLab(roots: Roots, wish: LabWish = {}): Promise<Lab> {
  await closeLab(roots, wish);
  return openLab(roots, wish);
}

/** The end of it; where there is none, too. */
export async function closeLab(roots: Roots, wish: LabWish = {}): Promise<void> {
  const id = labIdOf(roots, wish);
  if (id !== undefined) await remove(roots, id);
}

async function remove(roots: Roots, id: string): Promise<void> {
  await removeContainer(roots, id, { force: true }).catch(ignoreGone);
}

/** Throws UserError if a container that is no lab has its name. */
function labIdOf(roots: Roots, wish: LabWish): string | undefined {
  const name = labName(wish);
  const id = idNamed(roots, name);
  const record = id === undefined ? undefined : readContainer(roots, id)?.record;
  if (!record || Object.hasOwn(record.options.labels, LAB_LABEL)) return id;
  const hint = `mini-docker rename ${name} something-else`;
  throw new UserError(`a container of yours has the lab's name, ${JSON.stringify(name)}`, { hint });
}

function idNamed(roots: Roots, name: string): string | undefined {
  try {
    return findId(roots, name);
  } catch (error) {
    ignoreGone(error);
    return undefined;
  }
}

/** One that has ended isn't, nor one that another version of this program made, or another Node. */
async function isUsable(roots: Roots, id: string, wish: LabWish): Promise<boolean> {
  const { mounts } = labOptions(wish);
  const isFine = await locked(roots, id, async (container) => {
    await settle(container);
    const { state, record } = container;
    const isNew = state.status === "created";
    return (isNew || isWhole(state.process)) && JSON.stringify(record.options.mounts) === JSON.stringify(mounts);
  }).catch(ignoreGone);
  return isFine ?? false;
}

/** One that is ending lets go of its namespaces some time before it is gone. */
function isWhole(process: ProcessId | undefined): boolean {
  return isAlive(process) && existsSync(`/proc/${process.pid}/ns/mnt`);
}

/** Of two who make it at once, one is told that its name is taken, and takes the other's. */
async function createLab(roots: Roots, wish: LabWish): Promise<string> {
  const image = await ensureImage(roots.root, "base");
  try {
    return (await createContainer(roots, image, labOptions(wish))).record.id;
  } catch (error) {
    const id = labIdOf(roots, wish);
    if (id === undefined) throw error;
    return id;
  }
}

function started(roots: Roots, id: string): Promise<Container> {
  return locked(roots, id, async (container) => {
    await settle(container);
    if (!isAlive(container.state.process)) await startContainer(container);
    return container;
  });
}

const FURNISHING_MS = 10_000;

/** Its first process becomes the reaper when all is in its place, and is called so from then on. */
async function furnished(container: Container): Promise<Container> {
  const { process, status } = container.state;
  const deadline = Date.now() + FURNISHING_MS;
  while (commOf(process!.pid) !== REAPER_NAME) {
    if (!isAlive(process) || Date.now() > deadline) throw new UserError(`the lab ended while it was made (${status})`);
    await sleep(1);
  }
  return container;
}

function commOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return undefined;
  }
}

function lab(container: Container): Lab {
  const { roots, record, state } = container;
  return {
    id: record.id,
    name: record.name,
    pid: state.process!.pid,
    exec: (argv, options) => startInLab(container, argv, options),
    run: (argv, options) => runToEnd(container, argv, options),
    close: () => remove(roots, record.id),
  };
}

async function runToEnd(container: Container, argv: string[], options: LabRun = {}): Promise<LabResult> {
  const { input, ...rest } = options;
  const pieces: Buffer[] = [];
  const keep = (bytes: Buffer) => void pieces.push(bytes);
  const how = { ...rest, input: input !== undefined, stdout: keep, stderr: keep };
  const started = await startInLab(container, argv, how);
  if (input !== undefined) started.write(input);
  if (input !== undefined) started.end();
  const exitCode = await started.ended;
  return { exitCode, output: Buffer.concat(pieces).toString() };
}
