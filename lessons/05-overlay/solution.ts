import { mountStep, O, openStep, type Step } from "mini-docker/01-syscalls";
import type { Overlay } from "mini-docker/05-overlay";

export function overlaySteps({ lower, upper, work, at, options }: Overlay): Step[] {
  const marks = options?.userxattr ? ",userxattr" : "";
  // An image counts from the bottom, the kernel from the top.
  const layers = lower.toReversed().join(":");
  const data = `lowerdir=${layers},upperdir=${upper},workdir=${work}${marks}`;
  return [
    mountStep({ source: "overlay", target: at, type: "overlay", data, why: "the layers as one tree" }),
    openStep({ path: at, flags: O.PATH | O.DIRECTORY, as: "rootfs", why: "the root of it" }),
  ];
}
