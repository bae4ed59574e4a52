// A time namespace shifts the clocks that count from boot, not the wall clock (time_namespaces(7)). unshare makes it for
// the caller's children; its offsets can be written until the first process is in it, and never again.

import { CLONE, O, openStep, reg, type Step, setnsStep, unshareStep, writeFileSteps } from "../01-syscalls/index.ts";

/** `linux.timeOffsets` of an OCI bundle. Negative seconds are fine, as long as no clock falls below zero. */
export type TimeOffsets = Partial<Record<"monotonic" | "boottime", { secs?: number; nanosecs?: number }>>;

/** A new time namespace for the next child: in the launcher, before the clone. Needs the host's CAP_SYS_ADMIN. */
export function timeSteps(offsets: TimeOffsets = {}): Step[] {
  const lines = Object.entries(offsets).map(([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`);
  return [
    unshareStep({ flags: CLONE.NEWTIME, why: "clocks of their own for processes yet to come" }),
    ...(lines.length > 0 ? offsetSteps(lines.join("")) : []),
  ];
}

/**
 * The same from within a new user namespace, where that right is had: in the child, which then enters what it made.
 * Before `becomeRootSteps`: afterwards the offsets are not ours to write.
 */
export function timeInsideSteps(offsets: TimeOffsets = {}): Step[] {
  const path = "/proc/self/ns/time_for_children";
  return [
    ...timeSteps(offsets),
    openStep({ path, flags: O.RDONLY, why: "the namespace meant for children", as: "time" }),
    setnsStep({ fd: reg("time"), flags: CLONE.NEWTIME, why: "live in it ourselves" }),
  ];
}

function offsetSteps(data: string): Step[] {
  const why = "how far the clocks differ; fixed as soon as somebody is in there";
  return writeFileSteps({ path: "/proc/self/timens_offsets", data, why, as: "offsets" });
}
