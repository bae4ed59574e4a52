// A volume is a folder that belongs to no container: whoever mounts it finds what the one before left. On disk it is
//
//   ROOT/volumes/NAME/
//   ├─ volume.json   who it is; never changes
//   ├─ _data/        what containers see, and nothing else of ours
//   ├─ filling/      an image's files on their way there, then filled/: see fill.ts
//   └─ locks/        held by who fills it
//
// A program in a container may be anybody, and may leave a program there that runs as its owner: the folder above all
// volumes is root's alone to enter (CVE-2021-41091).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";

/** What `volume create` is asked for. */
export interface VolumeWish {
  /** Unless said, nobody has named it: 64 hexadecimal digits. */
  name: string;
  labels: Record<string, string>;
  /** `type`, `device` and `o` of the local driver, as mount(8) would be told: see driver.ts. */
  options: Record<string, string>;
}

export interface Volume extends VolumeWish {
  /** RFC 3339. */
  created: string;
}

/** Docker's mark of a volume that a container got without asking for one by name. */
export const ANONYMOUS = "com.docker.volume.anonymous";

export function isAnonymous({ labels }: Pick<Volume, "labels">): boolean {
  return Object.hasOwn(labels, ANONYMOUS);
}

/** Every path of one volume. */
export interface VolumeFolder {
  folder: string;
  record: string;
  data: string;
  filling: string;
  filled: string;
}

export const volumesFolder = (root: string): string => join(root, "volumes");

export function volumeFolder(root: string, name: string): VolumeFolder {
  const folder = join(volumesFolder(root), name);
  return {
    folder,
    record: join(folder, "volume.json"),
    data: join(folder, "_data"),
    filling: join(folder, "filling"),
    filled: join(folder, "filled"),
  };
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Throws UserError, in Docker's words, for a name that a folder can't have or a person could take for a path. */
export function checkVolumeName(name: string): void {
  if (name.length === 1)
    throw new UserError(
      `create ${name}: volume name is too short, names should be at least two alphanumeric characters`,
    );
  if (NAME.test(name) && name.length <= 255) return;
  throw new UserError(
    `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, ` +
      `only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. ` +
      "If you intended to pass a host directory, use absolute path",
  );
}

/** The volume of this name; undefined where there is none. Throws UserError for one whose file was changed by hand. */
export function readVolume(root: string, name: string): Volume | undefined {
  if (!NAME.test(name)) return undefined;
  const { record } = volumeFolder(root, name);
  const text = readIfThere(record);
  return text === undefined ? undefined : parseVolume(text, record);
}

/** The same, where there has to be one. Throws UserError in Docker's words. */
export function findVolume(root: string, name: string): Volume {
  const volume = readVolume(root, name);
  if (volume) return volume;
  throw new UserError(`get ${name}: no such volume`);
}

/** All volumes, by name. One that can't be read is told of and left out. */
export function listVolumes(root: string, onUnreadable: (error: unknown) => void = () => {}): Volume[] {
  return volumeNames(root).flatMap((name) => {
    try {
      return readVolume(root, name) ?? [];
    } catch (error) {
      onUnreadable(error);
      return [];
    }
  });
}

/** Sorted. What begins with a dot is on its way in or out. */
export function volumeNames(root: string): string[] {
  return entriesOf(volumesFolder(root))
    .filter((name) => NAME.test(name))
    .sort();
}

/** Names in a folder that need not be there. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function parseVolume(text: string, path: string): Volume {
  try {
    const { name, created, labels = {}, options = {} } = JSON.parse(text) as Volume;
    if (typeof name === "string" && typeof created === "string") return { name, created, labels, options };
  } catch {}
  throw new UserError(`${path} is not what a volume's file looks like`, {
    hint: "it may have been changed by hand; what is in the volume is in the folder _data beside it",
  });
}
