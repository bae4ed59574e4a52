// A container of the OCI runtime, on disk. Other engines drive it, each with its own folder and its own habits of looking in
// there; state.json has the names that runc gives, since that is what they look for.
//
//   ROOT/ID/state.json    who its process is, where its groups and namespaces are
//   ROOT/ID/config.json   as it was when it was created: later changes of the bundle mean nothing
//   ROOT/ID/group         where its groups will be, from before they are made: all there is to know of one that is half made
//   ROOT/ID/start         the named pipe it waits at, until it is started (start-fifo.ts)
//   ROOT/ID/rootfs        empty: where its root hangs while it is put together
//   ROOT/ID/lock          one command at a time
//
// It has no monitor: its process is a child of whoever adopts orphans there, conmon or containerd's shim.

import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { KINDS } from "../../03-namespaces/index.ts";
import { type Group, isFrozen } from "../../04-cgroups/index.ts";
import { makeFolder } from "../../06-images/index.ts";
import { isMissing, Lock, readText, writeFileAtomic } from "../files.ts";
import { isAlive, type ProcessId } from "../identity.ts";
import { removeFolder } from "../remove-folder.ts";
import { OCI_VERSION, type Spec, specText } from "../spec/oci.ts";

export interface RuntimeFolder {
  folder: string;
  state: string;
  config: string;
  group: string;
  start: string;
  rootfs: string;
  lock: string;
}

export interface RuntimeContainer {
  id: string;
  files: RuntimeFolder;
  bundle: string;
  /** The root filesystem on the host. */
  rootfs: string;
  spec: Spec;
  /** RFC 3339. */
  created: string;
  /** The name of the user who made it. */
  owner: string;
  process: ProcessId;
  group: Group;
}

export type RuntimeStatus = "creating" | "created" | "running" | "paused" | "stopped";

/** The `state` of the runtime specification (runtime.md), and what runc says besides. */
export interface RuntimeState {
  ociVersion: string;
  id: string;
  status: RuntimeStatus;
  pid?: number;
  bundle: string;
  annotations?: Record<string, string>;
}

const ID = /^[\w+.-]+$/;

/** Throws UserError for what could not be the name of a folder. */
export function folderOf(root: string, id: string): RuntimeFolder {
  if (!ID.test(id) || id === "." || id === ".." || id.length > 1024)
    throw new UserError(`invalid container ID format: "${id}"`);
  const folder = join(root, id);
  const file = (name: string) => join(folder, name);
  return {
    folder,
    state: file("state.json"),
    config: file("config.json"),
    group: file("group"),
    start: file("start"),
    rootfs: file("rootfs"),
    lock: file("lock"),
  };
}

/** Where compiled filters are kept, beside the containers. No container can be called so. */
export const filtersIn = (root: string): string => join(root, ".seccomp,");

// ---- being made

/** Takes the id. Throws UserError where somebody has it already. */
export function claimFolder(root: string, id: string): RuntimeFolder {
  const files = folderOf(root, id);
  makeFolder(root, 0o711);
  try {
    mkdirSync(files.folder, { mode: 0o711 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new UserError(`container with given ID already exists: ${id}`);
  }
  mkdirSync(files.rootfs, { mode: 0o755 });
  return files;
}

/** From here on whoever finds the folder can take away what is made next. */
export function writeGroup({ group: path }: RuntimeFolder, group: Group): void {
  writeFileAtomic(path, JSON.stringify(group), { skipSync: true });
}

/** Undefined where nothing was made yet. */
export function readGroup({ group: path }: RuntimeFolder): Group | undefined {
  const text = readText(path);
  return text === undefined ? undefined : (JSON.parse(text) as Group);
}

/** It is there from the moment its state is. */
export function writeContainer(container: RuntimeContainer): void {
  const { files, spec } = container;
  writeFileAtomic(files.config, specText(spec), { skipSync: true });
  writeFileAtomic(files.state, JSON.stringify(stateFile(container)), { skipSync: true });
}

function stateFile({ id, bundle, rootfs, created, owner, process, group, spec }: RuntimeContainer) {
  const paths = KINDS.map(({ flag: _, file }) => [RUNC_NAMES[file], `/proc/${process.pid}/ns/${file}`]);
  const groups = group.directories.flatMap(({ version, controllers, directory }) =>
    version === 2 ? [["", directory]] : controllers.map((name) => [name, directory]),
  );
  return {
    id,
    init_process_pid: process.pid,
    init_process_start: Number(process.startTime),
    created,
    config: {
      rootfs,
      hostname: spec.hostname ?? "",
      labels: [
        `bundle=${bundle}`,
        ...Object.entries(spec.annotations ?? {}).map(([name, value]) => `${name}=${value}`),
      ],
    },
    rootless: process.pid > 0 && globalThis.process.getuid?.() !== 0,
    cgroup_paths: Object.fromEntries(groups),
    namespace_paths: Object.fromEntries(paths),
    owner,
    bootId: process.bootId,
    group,
  };
}

const RUNC_NAMES: Record<string, string> = {
  mnt: "NEWNS",
  pid: "NEWPID",
  net: "NEWNET",
  ipc: "NEWIPC",
  uts: "NEWUTS",
  user: "NEWUSER",
  cgroup: "NEWCGROUP",
  time: "NEWTIME",
};

// ---- being looked at

/** Throws UserError where there is none. */
export function readContainer(root: string, id: string): RuntimeContainer {
  const container = findContainer(root, id);
  if (container) return container;
  throw new UserError(`container does not exist: ${id}`);
}

function findContainer(root: string, id: string): RuntimeContainer | undefined {
  const files = folderOf(root, id);
  const [text, config] = [readText(files.state), readText(files.config)];
  if (text === undefined || config === undefined) return undefined;
  const state = JSON.parse(text) as ReturnType<typeof stateFile>;
  const { labels, rootfs } = state.config;
  return {
    id,
    files,
    bundle: labels[0]!.slice("bundle=".length),
    rootfs,
    spec: JSON.parse(config) as Spec,
    created: state.created,
    owner: state.owner,
    process: { pid: state.init_process_pid, startTime: String(state.init_process_start), bootId: state.bootId },
    group: state.group,
  };
}

/** All there are; what is being made or taken away just now is none. */
export function allContainers(root: string): RuntimeContainer[] {
  return namesIn(root).flatMap((id) => (ID.test(id) ? (findContainer(root, id) ?? []) : []));
}

function namesIn(root: string): string[] {
  try {
    return readdirSync(root).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** What the kernel says it is at; what a file says, can be out of date. */
export function statusOf({ process, files, group }: RuntimeContainer): RuntimeStatus {
  if (!isAlive(process)) return "stopped";
  if (existsSync(files.start)) return "created";
  return isFrozen(group) ? "paused" : "running";
}

export function stateOf(container: RuntimeContainer, status = statusOf(container)): RuntimeState {
  return stateWith(container, status, status === "stopped" ? 0 : container.process.pid);
}

/** The same of one whose process may not be known yet. */
export function stateWith(
  { id, bundle, spec }: Pick<RuntimeContainer, "id" | "bundle" | "spec">,
  status: RuntimeStatus,
  pid?: number,
): RuntimeState {
  const { annotations } = spec;
  return {
    ociVersion: OCI_VERSION,
    id,
    status,
    ...(pid !== undefined && { pid }),
    bundle,
    ...(annotations && { annotations }),
  };
}

// ---- being changed

/** One command at a time changes it. Throws UserError where there is none. */
export async function lockedContainer<T>(
  root: string,
  id: string,
  work: (container: RuntimeContainer) => T | Promise<T>,
): Promise<T> {
  readContainer(root, id);
  const lock = await Lock.take(folderOf(root, id).lock);
  try {
    return await work(readContainer(root, id));
  } finally {
    lock.close();
  }
}

export function removeFiles(root: string, { folder, state }: RuntimeFolder): void {
  // From then on it isn't there, whatever is left of it.
  removeFolder(state);
  removeFolder(folder);
  removeRootIfEmpty(root);
}

/** The folder of filters stays as long as there are containers. */
function removeRootIfEmpty(root: string): void {
  if (namesIn(root).some((name) => ID.test(name))) return;
  removeFolder(filtersIn(root));
  try {
    rmdirSync(root);
  } catch {}
}
