import { describe, expect, test } from "vitest";
import { type Architecture, BITS, TOKEN, X32_BIT } from "../../src/07-security/architecture.ts";
import { compileFilter } from "../../src/07-security/compile.ts";
import { defaultProfile } from "../../src/07-security/profile.ts";
import type { ArgumentTest, LinuxSeccomp, Operator, SyscallRule } from "../../src/07-security/seccomp.ts";
import { syscallNumbers } from "../../src/07-security/syscalls-table.ts";
import { generator, randomRule, randomValue } from "./random.ts";
import { countInstructions, simulate } from "./simulate.ts";

const ALLOW = 0x7fff0000;
const errno = (number: number) => 0x50000 | number;
const KILL_THREAD = 0;

/** What the profile says of a call, read off without any cleverness. */
function meaning({ syscalls = [] }: LinuxSeccomp, name: string, args: bigint[]): number {
  const verdict = ({ action, errnoRet = 1 }: SyscallRule) => (action === "SCMP_ACT_ALLOW" ? ALLOW : errno(errnoRet));
  const own = syscalls.filter(({ names }) => names.includes(name));
  const found =
    own.find((rule) => !rule.args?.length) ?? own.find((rule) => rule.args!.every((one) => holds(one, args)));
  return found ? verdict(found) : errno(1);
}

function holds({ index, op, value, valueTwo = 0 }: ArgumentTest, args: bigint[]): boolean {
  const [argument, one] = [args[index]!, BigInt(value)];
  const answers: Record<Operator, boolean> = {
    SCMP_CMP_EQ: argument === one,
    SCMP_CMP_NE: argument !== one,
    SCMP_CMP_LT: argument < one,
    SCMP_CMP_LE: argument <= one,
    SCMP_CMP_GT: argument > one,
    SCMP_CMP_GE: argument >= one,
    SCMP_CMP_MASKED_EQ: (argument & one) === (BigInt(valueTwo) & one),
  };
  return answers[op];
}

/** On both sides of everything the default profile compares with, and the same with something in the high half. */
const ARGUMENTS = [0n, 8n, 37n, 38n, 39n, 40n, 41n, 45n, 46n, 0x20000n, 0x20008n, 0x7e020000n, 0x7fffffffn, 0xffffffffn]
  .flatMap((value) => [value - 1n, value, value + 1n])
  .filter((value) => value >= 0n)
  .flatMap((value) => [value, value | (1n << 32n), value | (1n << 63n)]);

function newest(architecture: Architecture, { syscalls = [] }: LinuxSeccomp): number {
  const named = new Set(syscalls.flatMap(({ names }) => names));
  return Math.max(...[...syscallNumbers(architecture)].map(([name, number]) => (named.has(name) ? number : 0)));
}

describe.each([
  ["no capability", []],
  ["CAP_SYS_ADMIN", ["CAP_SYS_ADMIN"]],
  ["all that matter", ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_BOOT", "CAP_SYS_MODULE", "CAP_BPF", "CAP_SYSLOG"]],
])("the default profile, with %s", (_, capabilities) => {
  test.each<[Architecture, Architecture]>([
    ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86_64"],
    ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"],
    ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    ["SCMP_ARCH_AARCH64", "SCMP_ARCH_AARCH64"],
    ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
  ])("on %s: every call of %s gets the verdict the profile means", (native, architecture) => {
    const profile = defaultProfile({ capabilities, architecture: native });
    const program = compileFilter(profile, native);
    const names = new Map([...syscallNumbers(architecture)].map(([name, number]) => [number, name]));
    const first = architecture === "SCMP_ARCH_X32" ? X32_BIT : 0;
    const last = newest(architecture, profile);
    const compared = new Set(profile.syscalls?.flatMap(({ names, args }) => (args ? names : [])));
    const wrong: unknown[] = [];
    for (let number = first; number <= first + 600; number++) {
      const name = names.get(number);
      for (const argument of compared.has(name ?? "") ? ARGUMENTS : ARGUMENTS.slice(0, 2)) {
        const args = [argument, 0n, 0n, 0n, 0n, 0n];
        const meant = args.map((whole) => BigInt.asUintN(BITS[architecture], whole));
        const wanted = number > last ? errno(38) : meaning(profile, name ?? "", meant);
        const verdict = simulate(program, { number, architecture: TOKEN[architecture], args });
        if (verdict !== wanted) wrong.push({ number, name, argument, verdict, wanted });
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe("compileFilter", () => {
  const profile = defaultProfile({ capabilities: [] });

  test("finds any plain call's verdict in a dozen instructions", () => {
    const program = compileFilter(profile, "SCMP_ARCH_X86_64");
    const counts = [...syscallNumbers("SCMP_ARCH_X86_64")]
      .filter(([name]) => !["socket", "personality", "clone"].includes(name))
      .map(([, number]) => countInstructions(program, { number, architecture: TOKEN.SCMP_ARCH_X86_64 }));
    expect(Math.max(...counts)).toBeLessThanOrEqual(13);
  });

  test("an architecture that isn't listed is killed, x32 by its bit", () => {
    const program = compileFilter({ ...profile, architectures: [] }, "SCMP_ARCH_X86_64");
    const getpid = { number: 39, architecture: TOKEN.SCMP_ARCH_X86_64 };
    expect(simulate(program, getpid)).toBe(ALLOW);
    expect(simulate(program, { ...getpid, number: 39 | X32_BIT })).toBe(KILL_THREAD);
    expect(simulate(program, { ...getpid, architecture: TOKEN.SCMP_ARCH_X86 })).toBe(KILL_THREAD);
  });

  test("the high half of a family counts: 2³² + AF_VSOCK is AF_VSOCK to the kernel", () => {
    const program = compileFilter(profile, "SCMP_ARCH_X86_64");
    const socket = (family: bigint) =>
      simulate(program, { number: 41, architecture: TOKEN.SCMP_ARCH_X86_64, args: [family] });
    expect(socket(2n)).toBe(ALLOW);
    expect(socket(40n)).toBe(errno(1));
    expect(socket((1n << 32n) + 40n)).toBe(errno(1));
  });

  test("a call newer than a strict profile doesn't exist; under a lenient one it is let through", () => {
    const newer = { number: 999, architecture: TOKEN.SCMP_ARCH_X86_64 };
    const strict = compileFilter(profile, "SCMP_ARCH_X86_64");
    const syscalls: SyscallRule[] = [{ names: ["mount"], action: "SCMP_ACT_ERRNO" }];
    const lenient = compileFilter({ defaultAction: "SCMP_ACT_ALLOW", syscalls }, "SCMP_ARCH_X86_64");
    expect(simulate(strict, newer)).toBe(errno(38));
    expect(simulate(lenient, newer)).toBe(ALLOW);
  });

  test("of several rules for one call any that matches will do", () => {
    const random = generator(11);
    const wrong: unknown[] = [];
    for (let round = 0; round < 300; round++) {
      const values = Array.from({ length: 3 }, () => randomValue(random));
      const syscalls = Array.from({ length: 4 }, () => randomRule(random, "read", values));
      const one: LinuxSeccomp = { defaultAction: "SCMP_ACT_ERRNO", syscalls };
      const program = compileFilter(one, "SCMP_ARCH_X86_64");
      for (const value of [...values, ...values.map((value) => value + 1n), ...values.map((value) => value - 1n)]) {
        const args = [value, values[random(3)]!, values[random(3)]!].map((value) => BigInt.asUintN(64, value));
        const verdict = simulate(program, { number: 0, architecture: TOKEN.SCMP_ARCH_X86_64, args });
        if (verdict !== meaning(one, "read", args)) wrong.push({ args, syscalls });
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each<[SyscallRule["action"], number]>([
    ["SCMP_ACT_KILL", 0],
    ["SCMP_ACT_KILL_THREAD", 0],
    ["SCMP_ACT_KILL_PROCESS", 0x80000000],
    ["SCMP_ACT_TRAP", 0x30000],
    ["SCMP_ACT_ERRNO", 0x50000 | 13],
    ["SCMP_ACT_TRACE", 0x7ff00000 | 13],
    ["SCMP_ACT_LOG", 0x7ffc0000],
    ["SCMP_ACT_NOTIFY", 0x7fc00000],
  ])("%s", (action, verdict) => {
    const syscalls: SyscallRule[] = [{ names: ["mount"], action, errnoRet: 13 }];
    const program = compileFilter({ defaultAction: "SCMP_ACT_ALLOW", syscalls }, "SCMP_ARCH_X86_64");
    expect(simulate(program, { number: 165, architecture: TOKEN.SCMP_ARCH_X86_64 })).toBe(verdict);
  });

  test.each<[string, LinuxSeccomp]>([
    ['unknown seccomp action "SCMP_ACT_NO"', { defaultAction: "SCMP_ACT_NO" as "SCMP_ACT_LOG" }],
    ["SCMP_ACT_NOTIFY cannot be used as default action", { defaultAction: "SCMP_ACT_NOTIFY" }],
    ['unknown architecture "X86_64"', { defaultAction: "SCMP_ACT_LOG", architectures: ["X86_64"] }],
    ["5000 is no error number", { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 5000 }],
    ["a system call has no argument 6", withTest({ index: 6, op: "SCMP_CMP_EQ", value: 1 })],
    ["9223372036854776000 is not a number that", withTest({ index: 0, op: "SCMP_CMP_EQ", value: 2 ** 63 })],
    ["-1 is not a number that a filter can compare with", withTest({ index: 0, op: "SCMP_CMP_EQ", value: -1 })],
    ['unknown seccomp operator "=="', withTest({ index: 0, op: "==" as "SCMP_CMP_EQ", value: 1 })],
  ])("refuses: %s", (message, seccomp) => {
    expect(() => compileFilter(seccomp)).toThrow(message);
  });
});

function withTest(one: ArgumentTest): LinuxSeccomp {
  const syscalls: SyscallRule[] = [{ names: ["read"], action: "SCMP_ACT_ALLOW", args: [one] }];
  return { defaultAction: "SCMP_ACT_ERRNO", syscalls };
}
