// A container's bundle as other runtimes want it: config.json, and beside it a root filesystem that is really there. Ours is
// mounted only where the container sees it; here it is put together once more, as a copy or as an overlay on the layers and
// on what the container wrote so far. Either way what others write stays in the new folder.

import { closeSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { perform, UserError } from "../01-syscalls/index.ts";
import type { Mount } from "../02-rootfs/index.ts";
import { copyLayers, overlayRefusal, overlaySteps } from "../05-overlay/index.ts";
import { type Container, locked, readSpec } from "./container.ts";
import { isMissing } from "./files.ts";
import type { Roots } from "./folders.ts";
import { shortId } from "./names.ts";
import { grantProcess, marksOf } from "./prepare.ts";
import { settle } from "./settle.ts";
import { type Spec, specText } from "./spec/oci.ts";
import { INIT_PATH } from "./spec/process.ts";
import { joinRunning } from "./spec/sharing.ts";

type Fill = (container: Container, rootfs: string) => void;

/** With a copy of the container's files, in the folder `directory`, which is empty or not there. Throws UserError. */
export function copyBundle(roots: Roots, id: string, directory: string): Promise<void> {
  return takeOut(roots, id, directory, (container, rootfs) => {
    copyLayers(filesOf(container), rootfs, {
      marks: marksOf(readSpec(container)),
      ownerless: process.getuid?.() !== 0,
    });
  });
}

/** With an overlay mounted on `directory`/rootfs, on the host, until somebody unmounts it. Throws UserError. */
export function mountBundle(roots: Roots, id: string, directory: string): Promise<void> {
  if (process.getuid?.() !== 0) throw new UserError("only root can mount on the host", { hint: "--copy does without" });
  return takeOut(roots, id, directory, (container, rootfs) => {
    const refusal = overlayRefusal(rootfs);
    if (refusal) throw new UserError(`no overlay can be mounted there: ${refusal}`, { hint: "--copy does without" });
    const [upper, work] = [join(directory, "upper"), join(directory, "work")];
    for (const path of [upper, work]) mkdirSync(path);
    mountOverlay({ lower: filesOf(container), upper, work, at: rootfs });
  });
}

/** Nothing is left of a failure. */
async function takeOut(roots: Roots, id: string, directory: string, fill: Fill): Promise<void> {
  makeEmpty(directory);
  try {
    await locked(roots, id, async (container) => {
      await settle(container);
      refuseOwnUsers(container);
      const rootfs = join(directory, "rootfs");
      mkdirSync(rootfs, { mode: 0o755 });
      writeFileSync(join(directory, "config.json"), specText(takenOut(container, directory)), { mode: 0o600 });
      fill(container, rootfs);
    });
  } catch (error) {
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true });
    throw error;
  }
}

/** Its files belong on disk to whom the image gives them; another runtime would want them to belong to its users. */
function refuseOwnUsers({ record }: Container): void {
  if (record.firstId !== undefined)
    throw new UserError(
      `container "${record.name}" has users of its own (--userns auto): its bundle can't be taken out`,
    );
}

function makeEmpty(directory: string): void {
  try {
    if (readdirSync(directory).length > 0) throw new UserError(`${directory} is not empty`);
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(directory, { recursive: true });
  }
}

/** Directories that together show the container's files, lowest first. */
function filesOf({ record, folder }: Container): string[] {
  if (record.rootfs === "overlay") return [...record.layers, folder.upper];
  return [record.rootfs === "copy" ? folder.upper : record.rootfs.directory];
}

function mountOverlay(overlay: { lower: string[]; upper: string; work: string; at: string }): void {
  const here = process.cwd();
  try {
    const descriptors = perform(overlaySteps(overlay));
    for (const fd of Object.values(descriptors)) closeSync(fd);
  } finally {
    process.chdir(here);
  }
}

// ---- config.json

/** What in config.json is of this container, of this machine or of this engine, made fit for the new folder. */
function takenOut(container: Container, directory: string): Spec {
  const { record, folder, roots } = container;
  const spec = readSpec(container);
  const { namespaces = [] } = spec.linux ?? {};
  const joined = joinRunning(roots, record.options);
  const isNewUser = namespaces.some(({ type, path }) => type === "user" && !path);
  return {
    ...spec,
    process: grantProcess(spec.process!, isNewUser).process,
    root: { path: "rootfs", ...(spec.root?.readonly && { readonly: true }) },
    mounts: (spec.mounts ?? []).map((mount) => ({ ...mount, ...copiedSource(mount, folder.etc, directory) })),
    linux: {
      ...spec.linux,
      namespaces: namespaces.map((each) => (joined[each.type] ? { ...each, path: joined[each.type]! } : each)),
      cgroupsPath: `/mini-docker/bundle-${shortId(record.id)}`,
    },
  };
}

/** Files that only the container itself has, and our process 1: they go with the bundle. */
function copiedSource({ source = "", destination }: Mount, etc: string, directory: string): Partial<Mount> {
  const isOurs = source.startsWith(`${etc}/`) || destination === INIT_PATH;
  if (!isOurs) return {};
  const copy = join(directory, "files", destination);
  mkdirSync(join(copy, ".."), { recursive: true });
  copyFileSync(source, copy);
  return { source: copy };
}
