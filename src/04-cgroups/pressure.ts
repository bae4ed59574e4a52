// Pressure stall information: how much of the time somebody in the group had to wait for a resource (some), and how
// much of it all of them at once (full). A full memory tells nothing; waiting for it does. v2 only, from Linux 4.20,
// and not where the kernel was built or started without it (psi=1 turns it on). See Documentation/accounting/psi.rst.

import { existsSync } from "node:fs";
import { readText } from "./files.ts";
import { type Group, v2Directory } from "./group.ts";

export interface Stall {
  /** Percent of the last 10, 60 and 300 seconds. */
  avg10: number;
  avg60: number;
  avg300: number;
  /** Microseconds since the group was made. */
  totalUs: number;
}

/** `full` is missing for cpu on kernels before 5.13. */
export interface Pressure {
  some: Stall;
  full?: Stall;
}

const RESOURCES = ["cpu", "memory", "io"] as const;

export type Pressures = Partial<Record<(typeof RESOURCES)[number], Pressure>>;

/** What the kernel tells, or why it tells nothing. */
export function readPressure(group: Group): Pressures | { unavailable: string } {
  const directory = v2Directory(group);
  if (directory === undefined) return { unavailable: "pressure is told by cgroup v2 only, which this group is not in" };
  const found = RESOURCES.flatMap((resource) => {
    const pressure = parsePressure(readText(`${directory}/${resource}.pressure`));
    return pressure ? [[resource, pressure]] : [];
  });
  return found.length > 0 ? Object.fromEntries(found) : { unavailable: whyNot(directory) };
}

function whyNot(directory: string): string {
  return existsSync(directory)
    ? "this kernel keeps no pressure stall information (it does when started with psi=1)"
    : "the group is gone";
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=1043` and the same for `full`. */
export function parsePressure(text = ""): Pressure | undefined {
  const stall = (kind: string): Stall | undefined => {
    const line = new RegExp(`^${kind} avg10=(\\S+) avg60=(\\S+) avg300=(\\S+) total=(\\d+)`, "m").exec(text);
    if (!line) return undefined;
    const [avg10, avg60, avg300, totalUs] = line.slice(1).map(Number);
    return { avg10: avg10!, avg60: avg60!, avg300: avg300!, totalUs: totalUs! };
  };
  const [some, full] = [stall("some"), stall("full")];
  return some && { some, ...(full && { full }) };
}
