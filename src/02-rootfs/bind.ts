// A bind mount: another view of files that are mounted somewhere already. open_tree(2) makes the view, with its own
// attributes, from a path on the host; the files stay what and where they are.

import { statSync } from "node:fs";
import {
  AT,
  MOUNT_ATTR,
  MS,
  mountSetattrStep,
  O,
  openTreeStep,
  type Ref,
  reg,
  type Step,
  step,
  UserError,
} from "../01-syscalls/index.ts";
import { attributeSteps } from "./attributes.ts";
import { directorySteps, fileSteps, hangSteps } from "./destination.ts";
import { elsewhereOf, elsewhereSteps, isFileElsewhere } from "./elsewhere.ts";
import { HOOKS, hangOnHookSteps } from "./lend.ts";
import { filesystemOnly, isBind, type Mount, type MountOptions, type PlannedMount, planMount } from "./options.ts";
import type { Propagation } from "./propagation.ts";

/** A view that somebody else knows how to come by: it is of a volume. */
export interface OtherView {
  /** Leave it in the register `as`. */
  steps(as: string): Step[];
  isFile: boolean;
}

/** Undefined for what is mounted as its type and source say. */
export type OtherViews = (mount: Mount) => OtherView | undefined;

export interface BindSurroundings {
  /** See `directorySteps`. */
  after?: string | undefined;
  otherView?: OtherViews | undefined;
  /** Whether a source is a file; unless said, the host is asked. */
  isFile?: ((source: string) => boolean) | undefined;
  /** The view is there already, on this hook: see `bindViewSteps`. */
  hook?: string | undefined;
  usernsOf?: UsernsOf | undefined;
}

/** The user namespace with the map of a mount that asks for owners of its own. */
export type UsernsOf = (mount: Mount) => Ref | undefined;

/** Copies the source into a mount of its own, makes it stricter, hangs it in. */
export function bindSteps(planned: PlannedMount, surroundings: BindSurroundings = {}): Step[] {
  const { after, isFile = isFileHere, hook, otherView, usernsOf } = surroundings;
  const { mount } = planned;
  const other = otherView?.(mount);
  if (!other) checkBind(planned);
  const placeSteps = (other?.isFile ?? isFile(sourceOf(mount))) ? fileSteps : directorySteps;
  const { steps, view } = hook === undefined ? ownViewSteps(planned, { other, usernsOf }) : lentViewSteps(hook);
  return [...steps, ...placeSteps(mount.destination, after), ...hangSteps(reg(view))];
}

function ownViewSteps(
  planned: PlannedMount,
  { other, usernsOf }: { other: OtherView | undefined; usernsOf: UsernsOf | undefined },
): { steps: Step[]; view: string } {
  const isMade = isShared(planned) && !other;
  const view = isMade ? sharedRegister(planned.mount) : "mount";
  const made = isMade ? youngerSteps(reg(view)) : viewSteps(planned, view, other);
  const owners = ownerSteps(planned, reg(view), usernsOf);
  return { view, steps: [...made, ...owners, ...attributeSteps(planned.options, reg(view))] };
}

/**
 * The kernel lists mounts by their age, and readers of that list expect the root first and the others in the order they
 * were asked for. A view that had to be made early is made again, where the kernel copies what hangs nowhere (Linux 6.15).
 */
function youngerSteps(view: Ref): Step[] {
  return [
    openTreeStep({
      dir: view,
      path: "",
      flags: AT.RECURSIVE,
      why: "the same view again, which comes after the root in the list of mounts",
      allow: ["EINVAL"],
      as: "younger",
    }),
    step("dup3", [reg("younger"), view, O.CLOEXEC], { why: "in place of the older one" }),
  ];
}

/** What is locked on the hook is locked in each copy, but for the copy's own place. */
function lentViewSteps(hook: string): { steps: Step[]; view: string } {
  const why = "another view of what was lent";
  return { view: "mount", steps: [openTreeStep({ dir: HOOKS, path: hook, flags: AT.RECURSIVE, why, as: "mount" })] };
}

export interface ViewSurroundings {
  usernsOf?: UsernsOf | undefined;
  /** See `BindSurroundings`. */
  isFile?: ((source: string) => boolean) | undefined;
  otherView?: OtherViews | undefined;
}

/**
 * The views of all binds, made by the host's root and hung on hooks (lend.ts): root of a new user namespace is somebody
 * else, and can't walk to them. No mount of his may appear on the host, so none of them stays shared.
 */
export function bindViewSteps(mounts: readonly Mount[], surroundings: ViewSurroundings = {}): Step[] {
  const { usernsOf, isFile = isFileHere, otherView } = surroundings;
  const view = reg("view");
  return mounts.flatMap((mount, index) => {
    const planned = planMount(mount);
    const other = otherView?.(mount);
    if (!isBind(planned) && !other) return [];
    return [
      ...viewSteps(planned, view.reg, other),
      apartStep(view),
      ...ownerSteps(planned, view, usernsOf),
      ...attributeSteps(unshared(planned.options), view),
      ...hangOnHookSteps(hookOf(index), view, (other?.isFile ?? isFile(sourceOf(mount))) ? "file" : "directory"),
    ];
  });
}

/** Where the view of a bind hangs, by its place in the list of mounts. */
export function hookOf(index: number): string {
  return `mount${index + 1}`;
}

/** The host's mounts may be shared, as systemd makes them: what is mounted or unmounted in a view of one happens to all. */
function apartStep(mount: Ref): Step {
  const why = "what is mounted in there stays in there";
  return mountSetattrStep({ mount, propagation: MS.SLAVE, recursive: true, why });
}

function ownerSteps(planned: PlannedMount, mount: Ref, usernsOf?: UsernsOf): Step[] {
  if (!hasOwners(planned)) return [];
  const userns = usernsOf?.(planned.mount);
  if (!userns) return refuseOwners(planned.mount);
  const recursive = planned.options.idmap === "ridmap";
  return [
    mountSetattrStep({ mount, set: MOUNT_ATTR.IDMAP, userns, recursive, why: "owners are who they are in there" }),
  ];
}

export function hasOwners({
  mount: { uidMappings = [], gidMappings = [] },
  options: { idmap },
}: PlannedMount): boolean {
  return idmap !== undefined || uidMappings.length + gidMappings.length > 0;
}

export function refuseOwners({ destination }: Mount): never {
  throw new UserError(`cannot mount on "${destination}": owners of its own need a map, and root to write it`);
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

function viewSteps({ mount, options }: PlannedMount, as: string, other?: OtherView): Step[] {
  if (other) return other.steps(as);
  const path = sourceOf(mount);
  const flags = options.bind === "bind" ? 0 : AT.RECURSIVE;
  const elsewhere = elsewhereOf(path);
  if (elsewhere) return elsewhereSteps(elsewhere, flags, as);
  return [openTreeStep({ path, flags, why: "another view of what the host has here", as })];
}

function isShared({ options: { propagation } }: PlannedMount): boolean {
  return propagation === "shared" || propagation === "rshared";
}

function sharedRegister({ destination }: Mount): string {
  return `shared:${destination}`;
}

/** The source is the host's own, or a running process's, so it can be looked at before anything of ours runs. */
function isFileHere(path: string): boolean {
  const elsewhere = elsewhereOf(path);
  if (elsewhere) return isFileElsewhere(elsewhere);
  const source = statSync(path, { throwIfNoEntry: false });
  if (!source) throw new UserError(`bind source path does not exist: ${path}`);
  return !source.isDirectory();
}

function sourceOf({ source = "", destination }: Mount): string {
  if (source.startsWith("/")) return source;
  throw new UserError(`the bind on ${destination} needs a source that begins with /, not "${source}"`);
}
