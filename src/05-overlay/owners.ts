// Layers for a container whose users are others outside. What the image gives to root has to belong to the container's
// root, who is, say, 300000 on the host; a copy with new owners for each container would be no sharing any more. So each
// layer is seen through a mount that shows owners as the container's user namespace does (mount_setattr(2),
// MOUNT_ATTR_IDMAP). And the container's own folder too: what its root writes is on disk as root's, like in any image.
//
// The views are made on the host, by root, and lent like all others (02-rootfs/lend.ts). The kernel takes as layers of an
// overlay only what is mounted in the mount namespace of whoever makes the overlay, and there they are, on their hooks.

import { basename, dirname } from "node:path";
import {
  MOUNT_ATTR,
  MS,
  mkdirStep,
  mountSetattrStep,
  openTreeStep,
  type Ref,
  reg,
  type Step,
  type Text,
} from "../01-syscalls/index.ts";
import { HOOKS, hangOnHookSteps } from "../02-rootfs/index.ts";
import { inMemory, memorySteps } from "./memory.ts";
import { type Overlay, overlaySteps, type Stack } from "./mount.ts";

/**
 * In the launcher: a view of each layer, and of the folder that `upper` and `work` are in; where those are in memory, a
 * place for that. `userns` has the map. Without it owners stay who they are, and that is nobody in there: what everybody
 * may read can be read.
 */
export function ownedViewSteps({ lower, upper, memoryBytes }: Overlay, userns?: Ref): Step[] {
  const layers = lower.flatMap((path, index) => viewSteps(path, layerHook(index), MOUNT_ATTR.RDONLY, userns));
  const own = memoryBytes === undefined ? viewSteps(dirname(upper), OWN, 0, userns) : [placeStep(OWN)];
  return [...layers, ...own, placeStep(ROOT)];
}

function viewSteps(path: string, hook: string, attributes: number, userns?: Ref): Step[] {
  const view = reg("view");
  const owned = { set: MOUNT_ATTR.IDMAP | attributes, userns, why: "in which owners are who they are in there" };
  const plain = { set: attributes, why: "for nobody to write to" };
  return [
    openTreeStep({ path, why: "a view of files that the container is made of", as: view.reg }),
    mountSetattrStep({ mount: view, propagation: MS.PRIVATE, ...(userns ? owned : plain) }),
    ...hangOnHookSteps(hook, view),
  ];
}

/** For what the child will mount itself: by a path that leads into it, and not to what it covers. */
function placeStep(hook: string): Step {
  return mkdirStep({ dir: HOOKS, path: hook, mode: 0o755, why: "a place for what will be mounted in there" });
}

/** In the child, as root of its user namespace: an overlay of the views. See `overlaySteps`. */
export function ownedOverlaySteps(overlay: Overlay): Step[] {
  const { lower, upper, work, options, memoryBytes } = overlay;
  const stack: Stack = {
    lower: lower.map((_, index) => pathOf(layerHook(index))),
    upper: pathOf(OWN, basename(upper)),
    work: pathOf(OWN, basename(work)),
    at: pathOf(ROOT),
    ...(options && { options }),
  };
  if (memoryBytes === undefined) return overlaySteps(stack);
  return [...memorySteps(overlay, pathOf(OWN)), ...overlaySteps(inMemory(stack))];
}

const OWN = "own";
const ROOT = "root";
const layerHook = (index: number): string => `layer${index + 1}`;

/** From the hooks on. */
function pathOf(...names: string[]): Text {
  return { text: ["/proc/self/fd/", HOOKS, ...names.map((name) => `/${name}`)] };
}
