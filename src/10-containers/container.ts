// A container on disk: what was asked for (container.json), what became of it (state.json), and who it is (its id, and
// a name that a symbolic link claims). Readers need no lock: both files are replaced whole. Writers hold the lock.

import { mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import type { Group } from "../04-cgroups/index.ts";
import { makeFolder } from "../06-images/folder.ts";
import type { Published } from "../08-network/index.ts";
import { isFull, isMissing, Lock, readText, removeFile, writeFileAtomic } from "./files.ts";
import {
  type ContainerFolder,
  containerFolder,
  containersFolder,
  createLock,
  namesFolder,
  type Roots,
} from "./folders.ts";
import type { ProcessId } from "./identity.ts";
import type { Endpoint } from "./network/endpoint.ts";
import type { Spec } from "./spec/oci.ts";
import type { RunOptions } from "./spec/options.ts";

/** What was asked for. Changes only with `rename` and `update`. */
export interface ContainerRecord {
  id: string;
  name: string;
  /** RFC 3339. */
  created: string;
  image: { reference: string; id: string };
  options: RunOptions;
  /** The image's unpacked layers, lowest first. */
  layers: string[];
  /** The first of its users' ids on the host, where they are its own. */
  firstId?: number;
  /**
   * How the root filesystem is put together: layers under a writable one, or a copy where overlay is refused. Or it is
   * somebody else's directory, of a bundle that was not made here.
   */
  rootfs: "overlay" | "copy" | { directory: string };
  stopSignal: number;
  stopTimeoutSeconds: number;
}

export type Status = "created" | "starting" | "running" | "paused" | "restarting" | "exited" | "removing" | "dead";

/** What became of it. Times are RFC 3339, empty until they happen. */
export interface ContainerState {
  status: Status;
  process?: ProcessId;
  monitor?: ProcessId;
  /** Who lets it stand still for a moment; unset once it is to stay so. */
  pausedBy?: ProcessId | undefined;
  /** Where its processes are counted and limited, from the start until it is tidied up. */
  group?: Group;
  /** Its cables, and the ports of the host that lead to it: from the start until it is tidied up. */
  endpoints?: Endpoint[];
  ports?: Published[];
  /** Of its monitor: the first of the two descriptors on which its questions for names arrive. */
  nameSockets?: number;
  /** Of its monitor: the descriptor of the network where an ordinary user's bridges are. */
  ownHost?: number;
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  oomKilled: boolean;
  /** Why the last start failed. */
  error: string;
  restartCount: number;
  /** Somebody asked for the end, so that no restart policy applies. */
  stopRequested: boolean;
  /** When it is removed, so are its volumes that nobody has named. */
  removesVolumes?: boolean;
}

export interface Container {
  roots: Roots;
  folder: ContainerFolder;
  record: ContainerRecord;
  state: ContainerState;
}

export const NEW_STATE: ContainerState = {
  status: "created",
  startedAt: "",
  finishedAt: "",
  exitCode: 0,
  oomKilled: false,
  error: "",
  restartCount: 0,
  stopRequested: false,
};

/** Its files can't be understood: `rm --force` is all that can be done with it. */
export class UnreadableContainer extends UserError {
  constructor(path: string, cause?: unknown) {
    const hint = "it may have been changed by hand; `rm -f` removes the container";
    super(`${path} is not what a container's file looks like`, { hint, ...(cause !== undefined && { cause }) });
  }
}

/** Reads a container; undefined when it is gone. Throws UnreadableContainer when its files can't be understood. */
export function readContainer(roots: Roots, id: string): Container | undefined {
  const folder = containerFolder(roots, id);
  const [text, state] = [readText(folder.record), readText(folder.state)];
  if (text === undefined) return undefined;
  const record = parse<ContainerRecord>(text, folder.record, "options");
  return { roots, folder, record, state: parseState(state, folder.state, record) };
}

/** A power cut leaves an empty file of one that wasn't synced: whatever it said ended then. */
function parseState(text: string | undefined, path: string, { options }: ContainerRecord): ContainerState {
  const isLost = text === "" && options.remove;
  return text === undefined || isLost ? NEW_STATE : parse<ContainerState>(text, path, "status");
}

/** Its config.json. Throws UnreadableContainer when that is gone or can't be understood. */
export function readSpec({ folder }: Container): Spec {
  return parse<Spec>(readText(folder.config) ?? "", folder.config, "ociVersion");
}

function parse<T extends object>(text: string, path: string, required: keyof T): T {
  const value = parseJson(text, path) as T | null;
  if (value?.[required] === undefined) throw new UnreadableContainer(path);
  return value;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableContainer(path, cause);
  }
}

/**
 * Changes the state on disk and in `container`. The caller holds the lock. Nobody asks after a power cut what became of a
 * container that was to be removed at its end: it isn't waited for until the disk has that.
 */
export function writeState(container: Container, change: Partial<ContainerState>): void {
  container.state = { ...container.state, ...change };
  const skipSync = container.record.options.remove || container.state.status === "removing";
  writeFileAtomic(container.folder.state, JSON.stringify(container.state), { skipSync });
}

/**
 * The same where going on matters more than what is remembered: on a full disk, too, a container can be ended and
 * removed. How else would there be room again?
 */
export function noteState(container: Container, change: Partial<ContainerState>): void {
  try {
    writeState(container, change);
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

export function writeRecord(container: Container, change: Partial<ContainerRecord>): void {
  container.record = { ...container.record, ...change };
  writeFileAtomic(container.folder.record, JSON.stringify(container.record, null, 2));
}

/** Ids of all containers, in no order. A name that starts with a dot is not finished. */
export function containerIds(roots: Roots): string[] {
  return entriesOf(containersFolder(roots)).filter((name) => !name.startsWith("."));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The id behind a name, a whole id, or the beginning of one. Throws UserError as Docker words it. */
export function findId(roots: Roots, wanted: string): string {
  const name = wanted.replace(/^\//, "");
  const ids = containerIds(roots);
  const named = idOfName(roots, name);
  if (ids.includes(name)) return name;
  if (named !== undefined && ids.includes(named)) return named;
  const matching = name === "" ? [] : ids.filter((id) => id.startsWith(name));
  if (matching.length === 1) return matching[0]!;
  if (matching.length > 1) throw new UserError(`Multiple IDs found with provided prefix: ${name}`);
  throw new UserError(`No such container: ${wanted}`);
}

export function findContainer(roots: Roots, wanted: string): Container {
  const container = readContainer(roots, findId(roots, wanted));
  if (!container) throw new UserError(`No such container: ${wanted}`);
  return container;
}

function idOfName(roots: Roots, name: string): string | undefined {
  try {
    return readlinkSync(join(namesFolder(roots), name));
  } catch {
    return undefined;
  }
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/**
 * Takes a name for a container: symlink(2) succeeds for one of any number that try at once. The caller holds the
 * creation lock (`Lock.take(createLock(roots))`), so a link to a container that isn't there is a leftover.
 */
export function claimName(roots: Roots, name: string, id: string): void {
  if (!NAME.test(name)) {
    throw new UserError(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
  mkdirSync(namesFolder(roots), { recursive: true, mode: 0o711 });
  const holder = idOfName(roots, name);
  if (holder !== undefined && holder !== id && containerIds(roots).includes(holder)) {
    throw new UserError(
      `Conflict. The container name "/${name}" is already in use by container "${holder}". ` +
        "You have to remove (or rename) that container to be able to reuse that name.",
    );
  }
  if (holder !== undefined) removeFile(join(namesFolder(roots), name));
  symlinkSync(id, join(namesFolder(roots), name));
}

/** Every name that leads to the container: one, unless somebody was killed while renaming it. */
export function namesOf(roots: Roots, id: string): string[] {
  return entriesOf(namesFolder(roots)).filter((name) => idOfName(roots, name) === id);
}

/** Gives a name back, if it still is this container's. */
export function releaseName(roots: Roots, name: string, id: string): void {
  if (idOfName(roots, name) === id) removeFile(join(namesFolder(roots), name));
}

/** Holds the container's lock while `work` runs; what it reads then is what others left. */
export async function locked<T>(roots: Roots, id: string, work: (container: Container) => T | Promise<T>): Promise<T> {
  const folder = containerFolder(roots, id);
  const lock = await takeLock(folder);
  try {
    const container = readContainer(roots, id);
    if (!container) throw new UserError(`No such container: ${id}`);
    return await work(container);
  } finally {
    lock.close();
  }
}

/** The lock lies in the container's folder; whoever removed that folder has removed the container. */
async function takeLock(folder: ContainerFolder): Promise<Lock> {
  try {
    return await Lock.take(folder.lock);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    throw new UserError(`No such container: ${folder.id}`);
  }
}

/** Holds the one lock under which names are given and taken. */
export async function whileCreating<T>(roots: Roots, work: () => T): Promise<T> {
  makeFolder(roots.root, 0o711);
  const lock = await Lock.take(createLock(roots));
  try {
    return work();
  } finally {
    lock.close();
  }
}
