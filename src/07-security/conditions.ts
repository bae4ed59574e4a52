// A profile that depends on the container: Docker's own format, which `--security-opt seccomp=FILE` takes too. It is
// OCI's with conditions on the rules: who has CAP_SYS_ADMIN may call mount, all others may not.
// See https://docs.docker.com/engine/security/seccomp/

import { release } from "node:os";
import { UserError } from "../01-syscalls/index.ts";
import { nativeArchitecture } from "./architecture.ts";
import type { LinuxSeccomp, SyscallRule } from "./seccomp.ts";

export interface Condition {
  /** `CAP_…` */
  caps?: string[];
  /** Go's names: amd64, arm64, … */
  arches?: string[];
  /** `MAJOR.MINOR` */
  minKernel?: string;
}

export interface ConditionalRule extends Omit<SyscallRule, "names"> {
  names?: string[];
  /** The old way to say `names: [name]`. */
  name?: string;
  /** The rule needs all of this, */
  includes?: Condition;
  /** and none of this. */
  excludes?: Condition;
}

export interface ConditionalProfile extends Omit<LinuxSeccomp, "syscalls"> {
  archMap?: { architecture: string; subArchitectures?: string[] | null }[];
  syscalls?: ConditionalRule[];
}

/** The container a profile is for. `architecture` is OCI's name and `kernel` as from uname(2): this machine's unless said. */
export interface Circumstances {
  capabilities: string[];
  architecture?: string;
  kernel?: string;
}

const GO_NAMES: Record<string, string> = { SCMP_ARCH_X86_64: "amd64", SCMP_ARCH_AARCH64: "arm64" };

/** Decides every condition; what is left is OCI's `linux.seccomp`. Throws UserError where a profile contradicts itself. */
export function resolveProfile(profile: ConditionalProfile, circumstances: Circumstances): LinuxSeccomp {
  const { archMap, syscalls = [], ...rest } = profile;
  const here = { architecture: nativeArchitecture(), kernel: release(), ...circumstances };
  if (archMap && profile.architectures) {
    throw new UserError("both 'architectures' and 'archMap' are specified in the seccomp profile, use only one");
  }
  const own = archMap?.find(({ architecture }) => architecture === here.architecture);
  return {
    ...rest,
    ...(own && { architectures: [own.architecture, ...(own.subArchitectures ?? [])] }),
    syscalls: syscalls.filter((rule) => isInForce(rule, here)).map(withoutConditions),
  };
}

function isInForce({ includes = {}, excludes = {} }: ConditionalRule, here: Required<Circumstances>): boolean {
  return answers(includes, here).every((isMet) => isMet) && !answers(excludes, here, "any").some((isMet) => isMet);
}

/** For each thing that the condition asks whether it is so here. Of several capabilities all are asked for, or any. */
function answers({ caps, arches, minKernel }: Condition, here: Required<Circumstances>, of = "all"): boolean[] {
  const has = (cap: string) => here.capabilities.includes(cap);
  return [
    ...(caps?.length ? [of === "all" ? caps.every(has) : caps.some(has)] : []),
    ...(arches?.length ? [arches.includes(GO_NAMES[here.architecture] ?? "")] : []),
    ...(minKernel ? [isAtLeast(here.kernel, minKernel)] : []),
  ];
}

/** `("6.18.44-arch1", "4.8")` → true */
function isAtLeast(kernel: string, minimum: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10));
  const [leastMajor = 0, leastMinor = 0] = minimum.split(".").map((part) => Number.parseInt(part, 10));
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function withoutConditions({ name, names, includes: _, excludes: __, ...rule }: ConditionalRule): SyscallRule {
  if (name !== undefined && names?.length) {
    throw new UserError("'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'");
  }
  return { ...rule, names: names?.length ? names : [name ?? ""] };
}
