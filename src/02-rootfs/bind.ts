// A bind mount: another view of files that are mounted somewhere already. open_tree(2) makes the view, with its own
// attributes, from a path on the host; the files stay what and where they are.

import { statSync } from "node:fs";
import { AT, openTreeStep, reg, type Step, UserError } from "../01-syscalls/index.ts";
import { attributeSteps } from "./attributes.ts";
import { directorySteps, fileSteps, hangSteps } from "./destination.ts";
import { elsewhereOf, elsewhereSteps } from "./elsewhere.ts";
import { filesystemOnly, isBind, type Mount, type PlannedMount, planMount } from "./options.ts";

/** Copies the source into a mount of its own, makes it stricter, hangs it in. `after`: see `directorySteps`. */
export function bindSteps(planned: PlannedMount, after?: string, isFile = isFileHere): Step[] {
  const { mount, options } = planned;
  const [stray] = filesystemOnly(options);
  if (stray) throw new UserError(`the bind on ${mount.destination} can't have the filesystem option "${stray}"`);
  const placeSteps = isFile(sourceOf(mount)) ? fileSteps : directorySteps;
  const view = isShared(planned) ? sharedRegister(mount) : "mount";
  return [
    ...(isShared(planned) ? [] : viewSteps(planned, view)),
    ...attributeSteps(options, reg(view)),
    ...placeSteps(mount.destination, after),
    ...hangSteps(reg(view)),
  ];
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
