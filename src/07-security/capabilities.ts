// Capabilities: root's power in 41 pieces, each of which a process has or lacks. See capabilities(7).
//
// A process has five sets of them. `effective` is what the kernel checks, `permitted` what may be made effective,
// `bounding` what a program started later can gain at most, `inheritable` and `ambient` what it is handed. A container's
// root is root by its name only: it holds a third of them.

import { readFileSync } from "node:fs";
import { CAP, UserError } from "../01-syscalls/index.ts";
import { isInitialUserNamespace } from "../03-namespaces/index.ts";

/** All names in the order of their numbers: `CAP_CHOWN` … */
export const CAPABILITIES: readonly string[] = Object.keys(CAP).map((name) => `CAP_${name}`);

/** What Docker leaves a container. */
export const DEFAULT_CAPABILITIES: readonly string[] = `
  CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL
  AUDIT_WRITE
`
  .trim()
  .split(/\s+/)
  .map((name) => `CAP_${name}`);

/** `process.capabilities` of the OCI runtime specification; a set that isn't there is empty. */
export interface CapabilitySets {
  bounding?: string[];
  effective?: string[];
  permitted?: string[];
  inheritable?: string[];
  ambient?: string[];
}

/** The number of `CAP_…`. Throws UserError for a name no kernel knows. */
export function capabilityNumber(name: string): number {
  const number = CAPABILITIES.indexOf(name);
  if (number < 0) throw new UserError(`unknown capability: "${name}"`);
  return number;
}

/**
 * The default set changed as `--cap-add` and `--cap-drop` ask, with or without CAP_ and in either case; ALL is all that
 * are `available`. Added to ALL, dropped ones are left out; dropped ALL leaves what is added.
 */
export function chooseCapabilities(
  { add = [], drop = [], privileged = false }: { add?: string[]; drop?: string[]; privileged?: boolean },
  available: readonly string[] = CAPABILITIES,
): string[] {
  if (privileged) return [...available];
  const added = add.map((name) => normalize(name, "CapAdd"));
  const dropped = drop.map((name) => normalize(name, "CapDrop"));
  const isKept = (name: string) => !dropped.includes(name);
  if (added.includes("ALL")) return available.filter(isKept);
  const base = dropped.includes("ALL") ? [] : DEFAULT_CAPABILITIES.filter(isKept);
  return [...new Set([...base, ...added])];
}

/** `sys_admin` → `CAP_SYS_ADMIN`. Docker's words for what isn't one. */
function normalize(name: string, option: "CapAdd" | "CapDrop"): string {
  const full = name.toUpperCase().replace(/^(CAP_)?/, "CAP_");
  if (full === "CAP_ALL") return "ALL";
  if (!CAPABILITIES.includes(full)) throw new UserError(`invalid ${option}: unknown capability: "${full}"`);
  return full;
}

/**
 * The sets a container's first process starts with. Of an ordinary user's only `bounding` is filled: execve would take
 * away the others, and what set-user-ID programs may still gain is what bounding says.
 */
export function setsFor(names: string[], uid: number): Required<CapabilitySets> {
  const own = uid === 0 ? names : [];
  return { bounding: names, effective: own, permitted: own, inheritable: [], ambient: [] };
}

/** The text of /proc/PID/status → the names in one of its lines: CapBnd, CapPrm, CapEff, CapInh or CapAmb. */
export function capabilitiesIn(status: string, line: "CapBnd" | "CapPrm" | "CapEff" | "CapInh" | "CapAmb"): string[] {
  const mask = BigInt(`0x${new RegExp(`^${line}:\\s*([0-9a-f]+)`, "m").exec(status)?.[1] ?? 0}`);
  return CAPABILITIES.filter((_, number) => (mask >> BigInt(number)) & 1n);
}

/**
 * What of the sets can be granted by a process with this /proc/self/status: nobody hands on what they lack. The rest
 * is left out and named in `warnings`. (In a new user namespace everything can be granted.)
 */
export function grantable(sets: CapabilitySets, status: string): { granted: CapabilitySets; warnings: string[] } {
  const [bounding, permitted] = [capabilitiesIn(status, "CapBnd"), capabilitiesIn(status, "CapPrm")];
  const held = permitted.filter((name) => bounding.includes(name));
  const entries = Object.entries(sets) as [keyof CapabilitySets, string[]][];
  const granted = entries.map(([set, names]) => [set, names.filter((name) => held.includes(name))]);
  const lacking = [...new Set(entries.flatMap(([, names]) => names))].filter((name) => !held.includes(name));
  const warnings = lacking.map((name) => `${name} can't be granted: this process doesn't have it`);
  return { granted: Object.fromEntries(granted), warnings };
}

/** Whether this process has it over the machine. In a user namespace everybody has all, over what belongs to that. */
export function holdsOnHost(name: string): boolean {
  return (
    isInitialUserNamespace() && capabilitiesIn(readFileSync("/proc/self/status", "latin1"), "CapEff").includes(name)
  );
}
