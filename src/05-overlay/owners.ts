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
  mountSetattrStep,
  openTreeStep,
  type Ref,
  reg,
  type Step,
  type Text,
} from "../01-syscalls/index.ts";
import { HOOKS, hangOnHookSteps } from "../02-rootfs/index.ts";
import { type Overlay, overlaySteps } from "./mount.ts";

/** In the launcher: a view of each layer, and of the folder that `upper` and `work` are in. `userns` has the map. */
export function ownedViewSteps({ lower, upper }: Overlay, userns: Ref): Step[] {
  const layers = lower.flatMap((path, index) => viewSteps(path, layerHook(index), MOUNT_ATTR.RDONLY, userns));
  return [...layers, ...viewSteps(dirname(upper), OWN, 0, userns)];
}

function viewSteps(path: string, hook: string, attributes: number, userns: Ref): Step[] {
  const view = reg("view");
  return [
    openTreeStep({ path, why: "a view of files that the container's users shall own", as: view.reg }),
    mountSetattrStep({
      mount: view,
      set: MOUNT_ATTR.IDMAP | attributes,
      propagation: MS.PRIVATE,
      userns,
      why: "in which owners are who they are in there",
    }),
    ...hangOnHookSteps(hook, view),
  ];
}

/** In the child, as root of its user namespace: an overlay of the views. See `overlaySteps`. */
export function ownedOverlaySteps({ lower, upper, work, options }: Overlay): Step[] {
  return overlaySteps({
    lower: lower.map((_, index) => pathOf(layerHook(index))),
    upper: pathOf(OWN, basename(upper)),
    work: pathOf(OWN, basename(work)),
    at: pathOf(),
    ...(options && { options }),
  });
}

const OWN = "own";
const layerHook = (index: number): string => `layer${index + 1}`;

/** From the hooks on. */
function pathOf(...names: string[]): Text {
  return { text: ["/proc/self/fd/", HOOKS, ...names.map((name) => `/${name}`)] };
}
