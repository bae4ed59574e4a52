// The mounts of a container that are of volumes. In config.json they are binds like others, for other runtimes; here they
// are what stage 09 makes of them, for each start anew.

import { closeSync, fstatSync } from "node:fs";
import { join } from "node:path";
import { O, SyscallError, UserError } from "../../01-syscalls/index.ts";
import { type OtherViews, openInRoot } from "../../02-rootfs/index.ts";
import { readVolume, sourceOf, type VolumeSource } from "../../09-volumes/index.ts";
import type { Container } from "../container.ts";
import type { Roots } from "../folders.ts";
import type { VolumeBind } from "../spec/mounts.ts";
import type { MountOption } from "../spec/options.ts";
import { stage } from "../stages.ts";
import { sharedSource } from "./shared.ts";

export interface VolumeMount {
  /** In the container. */
  destination: string;
  source: VolumeSource;
  subpath?: string | undefined;
}

/** The volumes' mounts of a container. Throws UserError for a volume that isn't there any more. */
export function volumeMounts(container: Pick<Container, "roots" | "record">): VolumeMount[] {
  const { roots, record } = container;
  const mounts = record.options.mounts.filter(({ type }) => type === "volume");
  return mounts.map((mount) => ({
    destination: mount.target,
    source: sharedSource(container, mount) ?? volumeSource(roots, mount),
    subpath: mount.volume?.subpath,
  }));
}

/** What a volume is made of, or will be, where it is still to be made. */
export function volumeSource({ root }: Roots, { source: name = "", volume }: MountOption) {
  return sourceOf(root, readVolume(root, name) ?? { name, options: volume?.options ?? {} });
}

/** The same in the words of config.json, by where they are mounted. */
export function volumeBinds(roots: Roots, mounts: readonly MountOption[]): Map<string, VolumeBind> {
  const volumes = mounts.filter(({ type }) => type === "volume");
  return new Map(volumes.map((mount) => [mount.target, bindOf(volumeSource(roots, mount), mount.volume?.subpath)]));
}

/** Another runtime follows the links in a volume as it will. */
function bindOf(source: ReturnType<typeof volumeSource>, subpath?: string): VolumeBind {
  if (source.kind === "filesystem" && subpath !== undefined)
    throw new UserError(`cannot mount "${subpath}" of a volume that is a ${source.type} of its own`, {
      hint: "a volume-subpath is of a volume whose files are in a folder",
    });
  if (source.kind === "filesystem") return { type: source.type, source: source.device, options: source.words };
  return { type: "bind", source: join(source.path, subpath ?? "."), options: ["rbind", ...source.words] };
}

/** How stage 02 comes by their views. */
export function volumeViews(volumes: readonly VolumeMount[] = []): OtherViews {
  const byPlace = new Map(volumes.map((volume) => [volume.destination, volume]));
  return ({ destination }) => {
    const volume = byPlace.get(destination);
    if (volume === undefined) return undefined;
    return { steps: (as) => viewSteps(volume, as), isFile: isFile(volume) };
  };
}

function viewSteps({ source, subpath }: VolumeMount, as: string) {
  const volumes = stage("09-volumes");
  if (source.kind === "filesystem") return volumes.volumeFilesystemSteps(source, as);
  if (source.kind === "shared") return volumes.sharedVolumeSteps(source, as);
  return volumes.volumeViewSteps({ folder: source.path, subpath, as });
}

/** Throws UserError where the volume has nothing of that name. What is there may change, but then it isn't mounted. */
function isFile({ source, subpath }: VolumeMount): boolean {
  if (source.kind !== "folder" || subpath === undefined) return false;
  const fd = find(source.path, subpath);
  try {
    return !fstatSync(fd).isDirectory();
  } finally {
    closeSync(fd);
  }
}

function find(folder: string, subpath: string): number {
  try {
    return openInRoot(folder, subpath, O.PATH);
  } catch (cause) {
    if (!(cause instanceof SyscallError)) throw cause;
    throw new UserError(`cannot access path ${folder}/${subpath}`, { cause });
  }
}
