// goal writes: no-upper

import { mountStep, O, openStep, type Step } from "mini-docker/01-syscalls";
import type { Overlay } from "mini-docker/05-overlay";

export function overlaySteps({ lower, at, options }: Overlay): Step[] {
  const marks = options?.userxattr ? ",userxattr" : "";
  const data = `lowerdir=${lower.toReversed().join(":")}${marks}`;
  return [
    mountStep({ source: "overlay", target: at, type: "overlay", data, why: "the layers as one tree" }),
    openStep({ path: at, flags: O.PATH | O.DIRECTORY, as: "rootfs", why: "the root of it" }),
  ];
}
