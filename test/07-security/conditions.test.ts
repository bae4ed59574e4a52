import { describe, expect, test } from "vitest";
import { type ConditionalRule, defaultProfile, resolveProfile } from "../../src/07-security/index.ts";

const here = { capabilities: ["CAP_SYS_ADMIN"], architecture: "SCMP_ARCH_X86_64", kernel: "5.10.0-21-amd64" };

function isInForce(conditions: Pick<ConditionalRule, "includes" | "excludes">): boolean {
  const rule: ConditionalRule = { names: ["mount"], action: "SCMP_ACT_ALLOW", ...conditions };
  return resolveProfile({ defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule] }, here).syscalls!.length === 1;
}

describe("resolveProfile", () => {
  test.each<[boolean, Pick<ConditionalRule, "includes" | "excludes">]>([
    [true, {}],
    [true, { includes: { caps: ["CAP_SYS_ADMIN"] } }],
    [false, { includes: { caps: ["CAP_SYS_ADMIN", "CAP_BPF"] } }],
    [false, { excludes: { caps: ["CAP_BPF", "CAP_SYS_ADMIN"] } }],
    [true, { excludes: { caps: ["CAP_BPF"] } }],
    [true, { includes: { arches: ["amd64", "arm64"] } }],
    [false, { includes: { arches: ["arm64"] } }],
    [false, { excludes: { arches: ["amd64"] } }],
    [true, { includes: { minKernel: "5.10" } }],
    [true, { includes: { minKernel: "4.19" } }],
    [false, { includes: { minKernel: "5.11" } }],
    [false, { includes: { caps: ["CAP_SYS_ADMIN"] }, excludes: { minKernel: "5.9" } }],
  ])("%s: %j", (expected, conditions) => {
    expect(isInForce(conditions)).toBe(expected);
  });

  test("what is left is OCI's: architectures by name, no conditions, `name` as `names`", () => {
    const archMap = [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }];
    const syscalls: ConditionalRule[] = [
      { name: "mount", action: "SCMP_ACT_LOG", includes: { caps: ["CAP_SYS_ADMIN"] } },
    ];
    expect(resolveProfile({ defaultAction: "SCMP_ACT_ERRNO", archMap, syscalls }, here)).toEqual({
      defaultAction: "SCMP_ACT_ERRNO",
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
      syscalls: [{ names: ["mount"], action: "SCMP_ACT_LOG" }],
    });
  });

  test("a profile that contradicts itself is refused in Docker's words", () => {
    const both = { defaultAction: "SCMP_ACT_LOG" as const, archMap: [], architectures: [] };
    expect(() => resolveProfile(both, here)).toThrow("both 'architectures' and 'archMap' are specified");
    const syscalls: ConditionalRule[] = [{ name: "mount", names: ["mount"], action: "SCMP_ACT_LOG" }];
    expect(() => resolveProfile({ defaultAction: "SCMP_ACT_ERRNO", syscalls }, here)).toThrow(
      "use either 'name' or 'names'",
    );
  });
});

describe("defaultProfile", () => {
  const allowed = (capabilities: string[]) => {
    const { syscalls = [] } = defaultProfile({ ...here, capabilities });
    return new Set(syscalls.filter(({ args }) => !args).flatMap(({ names }) => names));
  };

  test.each([
    ["CAP_SYS_ADMIN", "mount"],
    ["CAP_SYS_BOOT", "reboot"],
    ["CAP_SYS_CHROOT", "chroot"],
    ["CAP_BPF", "bpf"],
    ["CAP_DAC_READ_SEARCH", "open_by_handle_at"],
  ])("%s brings %s", (capability, call) => {
    expect(allowed([]).has(call)).toBe(false);
    expect(allowed([capability]).has(call)).toBe(true);
  });

  test("allows what programs live on, and names nothing twice", () => {
    const { syscalls = [] } = defaultProfile({ ...here, capabilities: [] });
    const [{ names } = { names: [] }] = syscalls;
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["read", "openat", "execve", "exit_group", "futex", "mmap"]));
  });

  test("reads without loss from config.json", () => {
    const profile = defaultProfile(here);
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
  });
});
