// Where groups can be made, and which limits they can have there. What is missing is said as stage 04 has found it out.

import { findMachine, findMissing, type Machine } from "../../04-cgroups/index.ts";
import { type Finding, lacking, ok } from "./finding.ts";

/** What `run` has flags for: its name, and its controller's on v1 and on v2. */
const LIMITS: [name: string, v1: string, v2: string][] = [
  ["memory limits", "memory", "memory"],
  ["process limits", "pids", "pids"],
  ["processor limits", "cpu", "cpu"],
  ["processor sets", "cpuset", "cpuset"],
  ["disk limits", "blkio", "io"],
];

export function cgroupFindings(): Finding[] {
  const machine = findMachine();
  return [hierarchyFinding(machine), ...LIMITS.map((limit) => limitFinding(machine, limit))];
}

function hierarchyFinding(machine: Machine): Finding {
  const { bases } = machine;
  const versions = [...new Set(bases.map(({ version }) => `v${version}`))].sort();
  const found =
    versions.length === 2 ? "v1 and v2 side by side (hybrid)" : (versions[0] ?? "none that we may write to");
  const places = bases.map(({ directory }) => directory);
  if (bases.length > 0) return ok("cgroups", `${found}: ${shortened(places)}`);
  const { why = "no hierarchy is mounted", hint = "mount one: mount -t cgroup2 none /sys/fs/cgroup" } =
    findMissing(machine).find(({ version }) => version === 2) ?? findMissing(machine)[0] ?? {};
  return lacking("limited", "cgroups", found, { why, mend: hint });
}

function shortened(places: string[]): string {
  return places.length > 3 ? `${places.slice(0, 3).join(" ")} …` : places.join(" ");
}

function limitFinding(machine: Machine, [name, v1, v2]: (typeof LIMITS)[number]): Finding {
  const { bases } = machine;
  const base = bases.find(({ version, controllers }) => controllers.includes(version === 1 ? v1 : v2));
  if (base) return ok(name, `controller ${base.version === 1 ? v1 : v2} (v${base.version})`);
  const missing = findMissing(machine).find(({ version, controllers }) =>
    controllers.includes(version === 1 ? v1 : v2),
  );
  const { why = "no hierarchy that we may write to has it", hint = "see /proc/cgroups for what this kernel offers" } =
    missing ?? {};
  return lacking("limited", name, "none", { why, mend: hint });
}
