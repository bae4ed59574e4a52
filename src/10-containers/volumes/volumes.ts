// Volumes as containers have them: which ones a container is to get, and who has which.

import { writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import type { Image } from "../../06-images/index.ts";
import {
  ANONYMOUS,
  anonymousName,
  ensureVolume,
  readVolume,
  removeUnused,
  removeVolume,
  type UsersOf,
  type Volume,
  type VolumeWish,
} from "../../09-volumes/index.ts";
import { containerIds, findContainer, readContainer } from "../container.ts";
import { recordEvent } from "../events.ts";
import type { Roots } from "../folders.ts";
import type { MountOption, RunOptions } from "../spec/options.ts";
import { OWN_VOLUMES } from "../sweep.ts";

/** Throws UserError for a driver other than "local", and what stage 09 refuses. */
export function createVolume(roots: Roots, wish: Partial<VolumeWish>, driver = "local"): Volume {
  const { name = anonymousName(), options = {} } = wish;
  if (driver !== "local")
    throw new UserError(`create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`);
  const labels = { ...wish.labels, ...(wish.name === undefined && { [ANONYMOUS]: "" }) };
  const { volume, isNew } = ensureVolume(roots.root, { name, labels, options });
  if (isNew) volumeEvent(roots, "create", name);
  return volume;
}

/** Throws UserError for one that a container has, or that isn't there. */
export async function removeVolumeNamed(roots: Roots, name: string): Promise<void> {
  await removeVolume(roots.root, name, () => volumeUsers(roots));
  volumeEvent(roots, "destroy", name);
}

/** Which containers have a volume, by their ids. One that can't be read can't be asked. */
export function volumeUsers(roots: Roots): UsersOf {
  const users = new Map<string, string[]>();
  for (const id of containerIds(roots))
    for (const name of volumesOf(roots, id)) users.set(name, [...(users.get(name) ?? []), id]);
  return (name) => users.get(name) ?? [];
}

function volumesOf(roots: Roots, id: string): Set<string> {
  try {
    const mounts = readContainer(roots, id)?.record.options.mounts ?? [];
    return new Set(mounts.flatMap(({ type, source }) => (type === "volume" && source !== undefined ? [source] : [])));
  } catch {
    return new Set();
  }
}

function volumeEvent(roots: Roots, action: string, name: string): void {
  recordEvent(roots, { type: "volume", action, id: name, attributes: { driver: "local" } });
}

/** Whether a container of the image has volumes. */
export function usesVolumes({ config }: Image, { mounts, volumesFrom = [] }: RunOptions): boolean {
  const images = Object.keys(config.config?.Volumes ?? {});
  return images.length > 0 || volumesFrom.length > 0 || mounts.some(({ type }) => type === "volume");
}

/**
 * What is asked for, what other containers lend, and what the image wants kept besides: of each place the first that is
 * said counts. Each volume has a name then. Throws UserError for a container that isn't there.
 */
export function withVolumes(roots: Roots, { config }: Image, options: RunOptions): RunOptions {
  const { volumesFrom = [] } = options;
  const lent = new Map(volumesFrom.flatMap((spec) => mountsOf(roots, spec)).map((each) => [each.target, each]));
  const images = Object.keys(config.config?.Volumes ?? {}).map((path): MountOption => {
    return { type: "volume", target: posix.normalize(path), readOnly: false };
  });
  const mounts = [...options.mounts];
  for (const mount of [...lent.values(), ...images])
    if (!mounts.some(({ target }) => posix.normalize(target) === mount.target)) mounts.push(mount);
  return { ...options, mounts: mounts.map(named) };
}

/** `NAME[:ro]`: what that container has of volumes and binds; what it may not write to, no other may. */
function mountsOf(roots: Roots, spec: string): MountOption[] {
  const [name = "", mode = ""] = spec.split(":");
  const isReadOnly = mode.split(",").includes("ro");
  const { mounts } = findContainer(roots, name).record.options;
  return mounts
    .filter(({ type }) => type !== "tmpfs")
    .map((mount) => ({ ...mount, readOnly: mount.readOnly || isReadOnly, ...noCopy(mount) }));
}

function noCopy({ type, volume }: MountOption): Partial<MountOption> {
  return type === "volume" ? { volume: { ...volume, noCopy: true } } : {};
}

function named(mount: MountOption): MountOption {
  if (mount.type !== "volume" || mount.source !== undefined) return mount;
  const extra = mount.volume?.subpath !== undefined ? "Subpath" : mount.readOnly ? "ReadOnly mode" : undefined;
  if (extra !== undefined)
    throw new UserError(`invalid mount config for type "volume": must not set ${extra} when using anonymous volumes`);
  return { ...mount, source: anonymousName(), volume: { ...mount.volume, isAnonymous: true } };
}

/**
 * Makes those that aren't there yet, for a container that is being made in the folder `draft`: from the start that says
 * which of them go with it, if it comes to nothing. Throws UserError.
 */
export function makeVolumes(roots: Roots, draft: string, mounts: MountOption[]): void {
  const own = anonymousOf(mounts).filter((name) => readVolume(roots.root, name) === undefined);
  if (own.length > 0) writeFileSync(join(draft, OWN_VOLUMES), own.join("\n"));
  for (const { type, source: name = "", volume = {} } of mounts) {
    if (type !== "volume") continue;
    const { driver, labels = {}, options = {} } = volume;
    const marks = volume.isAnonymous ? { ...labels, [ANONYMOUS]: "" } : labels;
    createVolume(roots, { name, labels: marks, options }, driver);
  }
}

/** Takes those away that no container has, `except` for one that is about to go; returns which. */
export async function removeVolumesUnused(roots: Roots, names: string[], except?: string): Promise<string[]> {
  const users = () => {
    const usersOf = volumeUsers(roots);
    return (name: string) => usersOf(name).filter((id) => id !== except);
  };
  const gone = names.length === 0 ? [] : await removeUnused(roots.root, names, users);
  for (const name of gone) volumeEvent(roots, "destroy", name);
  return gone;
}

/** What a container has that nobody has named. */
export function anonymousOf(mounts: readonly MountOption[]): string[] {
  return mounts.flatMap(({ source, volume }) => (volume?.isAnonymous && source !== undefined ? [source] : []));
}
