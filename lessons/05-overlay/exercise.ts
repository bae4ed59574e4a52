// Your turn: one tree out of many folders. The layers are read by every container, so nobody may write to them.
//
// mount(2) takes an overlay's folders as one text, `KEY=VALUE` with commas between:
//
//   lowerdir=A:B:C    folders that are only read. Where several have a file of the same name, one of them wins
//   upperdir=D        takes whatever is written; its files win over all others
//   workdir=E         an empty folder in which the kernel prepares files for the upper one
//
// `lower` lists the layers as an image does: the first one is the lowest. When your steps are done, the register `rootfs` is
// open on the new tree.

import { mountStep, O, openStep, type Step } from "mini-docker/01-syscalls";
import type { Overlay } from "mini-docker/05-overlay";

export function overlaySteps({ lower, at, options }: Overlay): Step[] {
  // In a user namespace the kernel's own marks are kept where its root may write them.
  const marks = options?.userxattr ? ",userxattr" : "";
  // TODO: guest sees a file that the topmost layer hides, and can't write anything.
  const data = `lowerdir=${lower.join(":")}${marks}`;
  return [
    mountStep({ source: "overlay", target: at, type: "overlay", data, why: "the layers as one tree" }),
    openStep({ path: at, flags: O.PATH | O.DIRECTORY, as: "rootfs", why: "the root of it" }),
  ];
}
