// How a process lays capabilities down: each of its five sets (capabilities.ts) has a call of its own, or a part of one.
// See capset(2), and PR_CAPBSET_DROP, PR_SET_KEEPCAPS and PR_CAP_AMBIENT in prctl(2).

import { type Arg, PR, PR_CAP_AMBIENT, prctlStep, type Step, step, struct } from "../01-syscalls/index.ts";
import { CAPABILITIES, type CapabilitySets, capabilityNumber } from "./capabilities.ts";

/** Of what is held, whatever isn't wanted is dropped, one by one: there is no call for all. */
export function boundingSteps({ bounding = [] }: CapabilitySets, held: readonly string[] = CAPABILITIES): Step[] {
  const unwanted = held.filter((name) => !bounding.includes(name));
  return unwanted.map((name) => {
    const why = `no program of the container can gain ${name}`;
    // An older kernel doesn't know the newest.
    return prctlStep({ option: PR.CAPBSET_DROP, args: [capabilityNumber(name)], why, allow: ["EINVAL"] });
  });
}

/** A root that becomes somebody else loses its permitted set, unless it asks the kernel beforehand. */
export function keepCapabilitiesSteps({ permitted = [] }: CapabilitySets): Step[] {
  if (permitted.length === 0) return [];
  return [prctlStep({ option: PR.SET_KEEPCAPS, args: [1], why: "changing the user shall not cost capabilities" })];
}

/**
 * Three sets at once, then ambient, which can hold only what is both permitted and inheritable. What a bundle lists
 * besides, as runc's own default does, has no effect there either.
 */
export function capabilitySteps(sets: CapabilitySets): Step[] {
  const { effective, permitted = [], inheritable = [], ambient = [] } = sets;
  const header = struct(["version", "u32", VERSION_3, hexadecimal], ["pid", "u32", 0]);
  const possible = ambient.filter((name) => permitted.includes(name) && inheritable.includes(name));
  return [
    step("capset", [header, rowsOf(effective, permitted, inheritable)], { why: "what this process itself can do" }),
    ...possible.map((name) => {
      const why = `programs started later are handed ${name}`;
      return prctlStep({ option: PR.CAP_AMBIENT, args: [PR_CAP_AMBIENT.RAISE, capabilityNumber(name)], why });
    }),
  ];
}

/** _LINUX_CAPABILITY_VERSION_3: sets of 64 bits, in two rows of 32. */
const VERSION_3 = 0x20080522;

const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

/** `struct __user_cap_data_struct[2]`: the low halves of the three sets, then the high ones. */
function rowsOf(effective: string[] = [], permitted: string[] = [], inheritable: string[] = []): Arg {
  const row = (shift: bigint) => {
    const half = (names: string[]) => (maskOf(names) >> shift) & 0xffffffffn;
    return [
      ["effective", "u32", half(effective), hexadecimal],
      ["permitted", "u32", half(permitted), hexadecimal],
      ["inheritable", "u32", half(inheritable), hexadecimal],
    ] satisfies Parameters<typeof struct>;
  };
  return struct(...row(0n), ...row(32n));
}

function maskOf(names: string[]): bigint {
  return names.reduce((mask, name) => mask | (1n << BigInt(capabilityNumber(name))), 0n);
}
