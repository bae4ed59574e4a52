// A bind mount: another view of files that are mounted somewhere already. open_tree(2) makes the view, with its own
// attributes, from a path on the host; the files stay what and where they are.

import { statSync } from "node:fs";
import {
  AT,
  MOUNT_ATTR,
  MS,
  mountSetattrStep,
  openTreeStep,
  type Ref,
  reg,
  type Step,
  UserError,
} from "../01-syscalls/index.ts";
import { attributeSteps } from "./attributes.ts";
import { directorySteps, fileSteps, hangSteps } from "./destination.ts";
import { elsewhereOf, elsewhereSteps } from "./elsewhere.ts";
import { filesystemOnly, isBind, type Mount, type MountOptions, type PlannedMount, planMount } from "./options.ts";
import type { Propagation } from "./propagation.ts";

export interface BindSurroundings {
  /** See `directorySteps`. */
  after?: string | undefined;
  /** Whether a source is a file; unless said, the host is asked. */
  isFile?: ((source: string) => boolean) | undefined;
  /** The views are there already: see `bindViewSteps`. */
  hasViews?: boolean | undefined;
}

/** Copies the source into a mount of its own, makes it stricter, hangs it in. */
export function bindSteps(planned: PlannedMount, surroundings: BindSurroundings = {}): Step[] {
  const { after, isFile = isFileHere, hasViews = false } = surroundings;
  const { mount, options } = planned;
  checkBind(planned);
  const placeSteps = isFile(sourceOf(mount)) ? fileSteps : directorySteps;
  const view = hasViews ? viewRegister(mount) : isShared(planned) ? sharedRegister(mount) : "mount";
  return [
    ...(hasViews || isShared(planned) ? [] : viewSteps(planned, view)),
    ...(hasViews ? [] : attributeSteps(options, reg(view))),
    ...placeSteps(mount.destination, after),
    ...hangSteps(reg(view)),
  ];
}

/**
 * The views of all binds, made by the host's root in its own mount namespace: root of a new user namespace is somebody
 * else, and can't walk to them. No mount of his may appear on the host, so none of them stays shared. `userns` has the
 * map of those that ask for owners of their own.
 */
export function bindViewSteps(mounts: readonly Mount[], userns?: Ref): Step[] {
  return mounts
    .map(planMount)
    .filter(isBind)
    .flatMap((planned) => [
      ...viewSteps(planned, viewRegister(planned.mount)),
      apartStep(reg(viewRegister(planned.mount))),
      ...ownerSteps(planned.mount, userns),
      ...attributeSteps(unshared(planned.options), reg(viewRegister(planned.mount))),
    ]);
}

/** The host's mounts may be shared, as systemd makes them: what is mounted or unmounted in a view of one happens to all. */
function apartStep(mount: Ref): Step {
  const why = "what is mounted in there stays in there";
  return mountSetattrStep({ mount, propagation: MS.SLAVE, recursive: true, why });
}

function ownerSteps(mount: Mount, userns?: Ref): Step[] {
  if (!hasOwners(mount)) return [];
  if (!userns) return refuseOwners(mount);
  const why = "owners are who they are in there";
  return [mountSetattrStep({ mount: reg(viewRegister(mount)), set: MOUNT_ATTR.IDMAP, userns, why })];
}

export function hasOwners({ uidMappings = [], gidMappings = [] }: Mount): boolean {
  return uidMappings.length + gidMappings.length > 0;
}

export function refuseOwners({ destination }: Mount): never {
  throw new UserError(`cannot mount on "${destination}": owners of its own need a user namespace made by root`);
}

const UNSHARED: Partial<Record<Propagation, Propagation>> = { shared: "slave", rshared: "rslave" };

function unshared({ propagation, ...options }: MountOptions): MountOptions {
  return { ...options, ...(propagation && { propagation: UNSHARED[propagation] ?? propagation }) };
}

function checkBind({ mount, options }: PlannedMount): void {
  const [stray] = filesystemOnly(options);
  if (stray) throw new UserError(`the bind on ${mount.destination} can't have the filesystem option "${stray}"`);
}

/**
 * The views of shared binds. They come before `privateRootSteps`, which cuts the very tie with the host that they ask to
 * keep. In a user namespace there is none to keep: the kernel made all of them slaves.
 */
export function sharedSourceSteps(mounts: readonly Mount[]): Step[] {
  const shared = mounts.map(planMount).filter((planned) => isBind(planned) && isShared(planned));
  return shared.flatMap((planned) => viewSteps(planned, sharedRegister(planned.mount)));
}

function viewSteps({ mount, options }: PlannedMount, as: string): Step[] {
  const path = sourceOf(mount);
  const flags = options.bind === "bind" ? 0 : AT.RECURSIVE;
  const elsewhere = elsewhereOf(path);
  if (elsewhere) return elsewhereSteps(elsewhere, flags, as);
  return [openTreeStep({ path, flags, why: "another view of what the host has here", as })];
}

function isShared({ options: { propagation } }: PlannedMount): boolean {
  return propagation === "shared" || propagation === "rshared";
}

function viewRegister({ destination }: Mount): string {
  return `view:${destination}`;
}

function sharedRegister({ destination }: Mount): string {
  return `shared:${destination}`;
}

/** The source is the host's own, so it can be looked at before anything runs. */
function isFileHere(path: string): boolean {
  if (elsewhereOf(path)) return false;
  const source = statSync(path, { throwIfNoEntry: false });
  if (!source) throw new UserError(`bind source path does not exist: ${path}`);
  return !source.isDirectory();
}

function sourceOf({ source = "", destination }: Mount): string {
  if (source.startsWith("/")) return source;
  throw new UserError(`the bind on ${destination} needs a source that begins with /, not "${source}"`);
}
