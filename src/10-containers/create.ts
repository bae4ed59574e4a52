// Making a container: an image's layers and a person's wishes become a bundle on disk. Nothing runs yet.

import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programPath, UserError } from "../01-syscalls/index.ts";
import { isIdmappable, isInitialUserNamespace, isPrivileged } from "../03-namespaces/index.ts";
import { copyLayers, kernelSupport, overlayRefusal } from "../05-overlay/index.ts";
import { familiarName, type Image, keepStore, whileListed } from "../06-images/index.ts";
import { keepVolumes } from "../09-volumes/index.ts";
import { appear, type NewContainer } from "./appear.ts";
import { type Container, type ContainerRecord, NEW_STATE, whileCreating } from "./container.ts";
import { readText } from "./files.ts";
import { type ContainerFolder, containerFolder, type Roots } from "./folders.ts";
import { claimRange } from "./id-ranges.ts";
import { randomId, shortId } from "./names.ts";
import { checkEndpoints } from "./network/endpoint.ts";
import { resolvConfOf } from "./network/hosts.ts";
import { parseSignal } from "./signals.ts";
import { makeBindSources } from "./spec/bind-sources.ts";
import { checkOptions } from "./spec/checks.ts";
import { hostnameText, hostsText } from "./spec/etc-files.ts";
import { findHostDevices } from "./spec/host-devices.ts";
import { readLayerFile } from "./spec/layer-files.ts";
import { hasOwnUsers, hasUserNamespace, isHost, type Owner } from "./spec/namespaces.ts";
import { type Spec, specText } from "./spec/oci.ts";
import type { RunOptions } from "./spec/options.ts";
import { withUser } from "./spec/process.ts";
import { chooseSecurity } from "./spec/security.ts";
import { joinOthers, networkOwner, shmOf } from "./spec/sharing.ts";
import { containerSpec } from "./spec/spec.ts";
import { resolveUser } from "./spec/user.ts";
import { unpackLayers } from "./unpack.ts";
import { fillVolumes } from "./volumes/fill.ts";
import { volumeBinds } from "./volumes/mounts.ts";
import { makeVolumes, usesVolumes, withVolumes } from "./volumes/volumes.ts";

const DEFAULT_STOP_SECONDS = 10;

interface Wish {
  roots: Roots;
  id: string;
  image: Image;
  options: RunOptions;
  layers: string[];
  owner: Owner;
}

/** Makes the container. Throws UserError for a wish that can't be met, and leaves nothing then. */
export async function createContainer(roots: Roots, image: Image, asked: RunOptions): Promise<Container> {
  // The layers stay from when they are looked at until there is a container that uses them, and volumes do.
  const kept = [keepStore(roots.root), ...(usesVolumes(image, asked) ? [keepVolumes(roots.root)] : [])];
  try {
    const options = withVolumes(roots, image, asked);
    const layers = await unpackLayers(roots.root, image);
    return await createOver(roots, layers, image, options, (step) => whileListed(roots.root, image, step));
  } finally {
    for (const lock of kept) lock.close();
  }
}

/** The same over layers that are unpacked already, wherever that is; lowest first. */
export async function createOver(
  roots: Roots,
  layers: string[],
  image: Image,
  options: RunOptions,
  around?: NewContainer["around"],
): Promise<Container> {
  checkOptions(options);
  const wish = wishFor(roots, image, options, layers);
  const { id } = wish;
  const fill = async (draft: string) => {
    makeBindSources(options.mounts);
    makeVolumes(roots, draft, options.mounts);
    if (hasOwnUsers(options)) wish.owner = { ...wish.owner, ...(await ownUsers(wish)) };
    const { rootfs, spec } = writeBundle(draft, wish);
    fillVolumes({ roots, draft, layers, rootfs, options, spec });
    return (name: string) => recordOf(wish, name, rootfs);
  };
  return appear({ roots, id, name: options.name, fill, ...(around && { around }) });
}

/** What `createContainer` would make, on paper: nothing is written and no name taken. `layers` need not be there yet. */
export function sketchContainer(roots: Roots, image: Image, asked: RunOptions, layers: string[]) {
  const options = withVolumes(roots, image, asked);
  checkOptions(options);
  const wish = wishFor(roots, image, options, layers);
  const record = recordOf(wish, options.name ?? "", "overlay");
  const container: Container = { roots, folder: containerFolder(roots, wish.id), record, state: NEW_STATE };
  return { container, spec: bundleSpec(wish) };
}

/** The engine may itself run in a user namespace, and that have one id. */
function nesting(): Pick<Owner, "isNested" | "isOneId"> {
  const isNested = !isInitialUserNamespace();
  return { isNested, isOneId: isNested && !isPrivileged() };
}

/**
 * A range of ids, and the image's files shown as theirs. Where the kernel can't show them so, and nothing is to be written
 * beside them, one id has to do.
 */
async function ownUsers({ roots, id, options, layers }: Wish): Promise<Pick<Owner, "firstId" | "isSingle">> {
  const isSingle = options.scratchBytes !== undefined && !layers.every(isIdmappable);
  return { firstId: await whileCreating(roots, () => claimRange(roots, id)), isSingle };
}

function wishFor(roots: Roots, image: Image, options: RunOptions, layers: string[]): Wish {
  const owner: Owner = { uid: process.getuid!(), gid: process.getgid!(), ...nesting() };
  checkEndpoints(roots, options, owner);
  if ((owner.uid !== 0 || owner.isNested) && hasOwnUsers(options)) {
    throw new UserError("only the machine's root can give a container users of its own (--userns auto)", {
      hint: "without it, an ordinary user's container has one user, who is you",
    });
  }
  return { roots, id: randomId(), image, options, layers, owner };
}

/** Returns config.json, and how the root filesystem is put together. */
function writeBundle(draft: string, wish: Wish): { spec: Spec; rootfs: ContainerRecord["rootfs"] } {
  for (const name of ["rootfs", "upper", "work", "etc"]) mkdirSync(join(draft, name), { mode: 0o755 });
  const spec = bundleSpec(wish);
  writeFileSync(join(draft, "config.json"), specText(spec), { mode: 0o600 });
  writeEtc(join(draft, "etc"), wish);
  return { spec, rootfs: fillUpper(join(draft, "upper"), wish) };
}

/** The container's `/` is the upper directory, so that gets mode and owner of the image's; or all of it, as a copy. */
export function fillUpper(
  upper: string,
  { layers, owner, options }: Pick<Wish, "layers" | "owner"> & { options?: RunOptions },
): "overlay" | "copy" {
  if (options?.scratchBytes !== undefined) return overlayInMemory();
  const refusal = overlayRefusal(upper);
  if (refusal !== undefined && owner.firstId !== undefined)
    throw new UserError(`a container with users of its own (--userns auto) needs overlay: ${refusal}`);
  if (refusal !== undefined) {
    copyLayers(layers, upper, { ownerless: owner.uid !== 0 });
    return "copy";
  }
  const { mode, uid, gid } = statSync(layers.at(-1)!);
  chmodSync(upper, mode & 0o7777);
  if (owner.uid === 0) chownSync(upper, uid, gid);
  return "overlay";
}

/** Its upper directory is in memory, so it doesn't matter where the layers lie. */
function overlayInMemory(): "overlay" {
  if (kernelSupport() !== "none") return "overlay";
  throw new UserError("what a container writes can't be kept in memory: this kernel has no overlay");
}

function recordOf(
  { id, image, options, layers, owner }: Wish,
  name: string,
  rootfs: ContainerRecord["rootfs"],
): ContainerRecord {
  const { Labels, StopSignal } = image.config.config ?? {};
  return {
    id,
    name,
    created: new Date().toISOString(),
    image: { reference: familiarName(options.image), id: image.id },
    options: { ...options, labels: { ...Labels, ...options.labels }, expose: exposedOf(image, options) },
    layers,
    ...(owner.firstId !== undefined && { firstId: owner.firstId }),
    rootfs,
    stopSignal: parseSignal(options.stopSignal ?? StopSignal ?? "SIGTERM"),
    stopTimeoutSeconds: options.stopTimeoutSeconds ?? DEFAULT_STOP_SECONDS,
  };
}

function exposedOf({ config }: Image, { expose }: RunOptions): string[] {
  const byImage = Object.keys(config.config?.ExposedPorts ?? {}).map((port) =>
    port.includes("/") ? port : `${port}/tcp`,
  );
  return [...new Set([...byImage, ...expose])];
}

// ---- the bundle

function bundleSpec(wish: Wish): Spec {
  const { roots, id, options, image, layers, owner } = wish;
  const config = image.config.config ?? {};
  const folder = containerFolder(roots, id);
  const spec = containerSpec({
    options,
    image: config,
    id,
    hostname: hostnameOf(wish),
    owner,
    files: boundFiles(roots, folder, options),
    joined: joinOthers(roots, options),
    hostDevices: findHostDevices(options),
    security: chooseSecurity(options, hasUserNamespace(options, owner)),
  });
  const files = { passwd: readLayerFile(layers, "etc/passwd"), group: readLayerFile(layers, "etc/group") };
  const user = resolveUser(files, options.user ?? config.User ?? "", options.groupAdd);
  return { ...spec, process: withUser(spec.process!, user) };
}

function hostnameOf({ id, options }: Wish): string {
  return options.hostname ?? (isHost(options.uts) ? (readText("/proc/sys/kernel/hostname") ?? "").trim() : shortId(id));
}

function boundFiles(roots: Roots, folder: ContainerFolder, options: RunOptions) {
  const { etc } = networkOwner(roots, options)?.folder ?? folder;
  const shm = shmOf(roots, options);
  return {
    hosts: join(etc, "hosts"),
    hostname: join(etc, "hostname"),
    resolvConf: join(etc, "resolv.conf"),
    init: options.init ? programPath("init") : "",
    volumes: volumeBinds(roots, options.mounts),
    ...(shm !== undefined && { shm }),
  };
}

function writeEtc(folder: string, wish: Wish): void {
  const { options } = wish;
  const hostNetwork = isHost(options.network);
  const { extraHosts } = options;
  const hostText = hostNetwork ? readText("/etc/hosts") : undefined;
  const texts = {
    hosts: hostsText({ extraHosts, ...(hostText !== undefined && { hostText }) }),
    hostname: hostnameText(hostnameOf(wish)),
    "resolv.conf": resolvConfOf(options),
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text, { mode: 0o644 });
}
