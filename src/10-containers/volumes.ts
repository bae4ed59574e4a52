// Volumes as containers have them: which ones a container is to get, and who has which.

import { writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import type { Image } from "../06-images/index.ts";
import {
  ANONYMOUS,
  anonymousName,
  ensureVolume,
  removeUnused,
  removeVolume,
  type UsersOf,
  type Volume,
  type VolumeWish,
} from "../09-volumes/index.ts";
import { containerIds, readContainer } from "./container.ts";
import { recordEvent } from "./events.ts";
import type { Roots } from "./folders.ts";
import type { MountOption, RunOptions } from "./spec/options.ts";
import { OWN_VOLUMES } from "./sweep.ts";

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

/** What is asked for, and what the image wants kept besides; each volume with a name. */
export function withVolumes(_roots: Roots, { config }: Image, options: RunOptions): RunOptions {
  const { mounts } = options;
  const asked = new Set(mounts.map(({ target }) => posix.normalize(target)));
  const images = Object.keys(config.config?.Volumes ?? {}).map((target) => posix.normalize(target));
  const more = images.filter((target) => !asked.has(target));
  const made = more.map((target): MountOption => ({ type: "volume", target, readOnly: false }));
  return { ...options, mounts: [...mounts, ...made].map(named) };
}

function named(mount: MountOption): MountOption {
  if (mount.type !== "volume" || mount.source !== undefined) return mount;
  return { ...mount, source: anonymousName(), volume: { ...mount.volume, isAnonymous: true } };
}

/**
 * Makes those that aren't there yet, for a container that is being made in the folder `draft`: from the start that says
 * which of them go with it, if it comes to nothing. Throws UserError.
 */
export function makeVolumes(roots: Roots, draft: string, mounts: MountOption[]): void {
  const own = anonymousOf(mounts);
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
