// Layers for a container whose users are others outside. What the image gives to root has to belong to the container's
// root, who is, say, 300000 on the host; a copy with new owners for each container would be no sharing any more. So each
// layer is seen through a mount that shows owners as the container's user namespace does (mount_setattr(2),
// MOUNT_ATTR_IDMAP). And the container's own folder too: what its root writes is on disk as root's, like in any image.
//
// The views are made on the host, by root. The kernel takes as layers of an overlay only what is mounted in the mount
// namespace of whoever makes the overlay, so in there they are hung somewhere first: on folders in a tmpfs, which goes
// with the host's tree.

import { basename, dirname } from "node:path";
import {
  fscreateStep,
  fsmountStep,
  fsopenStep,
  MOUNT_ATTR,
  MS,
  mkdirStep,
  mountSetattrStep,
  moveMountStep,
  O,
  openInRootStep,
  openStep,
  openTreeStep,
  type Ref,
  reg,
  type Step,
  type Text,
} from "../01-syscalls/index.ts";
import { type Overlay, overlaySteps } from "./mount.ts";

/** In the launcher: a view of each layer, and of the folder that `upper` and `work` are in. `userns` has the map. */
export function ownedViewSteps({ lower, upper }: Overlay, userns: Ref): Step[] {
  const views = [...lower.map((path, index) => ({ path, as: layerName(index) })), { path: dirname(upper), as: OWN }];
  return views.flatMap(({ path, as }) => [
    openTreeStep({ path, why: "a view of files that the container's users shall own", as }),
    mountSetattrStep({
      mount: reg(as),
      set: as === OWN ? MOUNT_ATTR.IDMAP : MOUNT_ATTR.IDMAP | MOUNT_ATTR.RDONLY,
      propagation: MS.PRIVATE,
      userns,
      why: "in which owners are who they are in there",
    }),
  ]);
}

/** In the child, while it may still walk through our folders: the place for the root. */
export function placeSteps({ at }: Overlay): Step[] {
  const why = "the bundle's empty directory, which root of the container can't walk to";
  return [openStep({ path: at, flags: O.PATH | O.DIRECTORY, why, as: "place" })];
}

/** In the child, as root of its user namespace: hangs the views, and makes an overlay of them. See `overlaySteps`. */
export function ownedOverlaySteps({ lower, upper, work, options }: Overlay): Step[] {
  return [
    fsopenStep({ type: "tmpfs", as: "fs", why: "somewhere to hang the views" }),
    fscreateStep({ fs: reg("fs"), why: "now it exists" }),
    fsmountStep({ fs: reg("fs"), as: "hooks", why: "a mount of it" }),
    moveMountStep({ from: reg("hooks"), target: reg("place"), why: "the overlay will cover it" }),
    ...[...lower.map((_, index) => layerName(index)), OWN].flatMap(hangSteps),
    ...overlaySteps({
      lower: lower.map((_, index) => pathOf(layerName(index))),
      upper: pathOf(OWN, basename(upper)),
      work: pathOf(OWN, basename(work)),
      at: pathOf("place"),
      ...(options && { options }),
    }),
  ];
}

function hangSteps(name: string): Step[] {
  const root = reg("hooks");
  return [
    mkdirStep({ dir: root, path: name, mode: 0o700, why: "a hook" }),
    openInRootStep({ root, path: name, flags: O.PATH | O.DIRECTORY, why: "which is empty", as: "hook" }),
    moveMountStep({ from: reg(name), target: reg("hook"), why: "mounted in here, it may be a layer" }),
  ];
}

const OWN = "own";
const layerName = (index: number): string => `view${index + 1}`;

function pathOf(register: string, name?: string): Text {
  return { text: ["/proc/self/fd/", reg(register), ...(name === undefined ? [] : [`/${name}`])] };
}
