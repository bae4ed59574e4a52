import { describe, expect, test } from "vitest";
import { spellCall } from "../../src/01-syscalls/index.ts";
import { deviceProgram, type Instruction, instructionBytes } from "../../src/04-cgroups/device-program.ts";
import { DEFAULT_DEVICE_RULES, type DeviceRule, deviceRuleSteps, withDefaults } from "../../src/04-cgroups/index.ts";
import { randomRules } from "./random-rules.ts";

interface Access {
  type: "b" | "c";
  major: number;
  minor: number;
  /** Letters of rwm, all of which are wanted at once. */
  access: string;
}

/** What the rules mean, said as plainly as can be: each letter is decided by the last rule that mentions it. */
function isAllowed(rules: DeviceRule[], { type, major, minor, access }: Access): boolean {
  return [...access].every((letter) => {
    const rule = rules.findLast(
      (one) =>
        ["a", type, undefined].includes(one.type) &&
        [-1, major, undefined].includes(one.major) &&
        [-1, minor, undefined].includes(one.minor) &&
        (one.access ?? "rwm").includes(letter),
    );
    return rule?.allow ?? false;
  });
}

/** The eBPF machine, as far as these programs use it. */
function run(program: Instruction[], { type, major, minor, access }: Access): number {
  const bits = [..."mrw"].reduce((sum, letter, index) => sum | (access.includes(letter) ? 1 << index : 0), 0);
  const context = [(bits << 16) | (type === "b" ? 1 : 2), major, minor];
  const r = new Uint32Array(11);
  for (let at = 0; ; at++) {
    const { code, to = 0, from = 0, offset = 0, value = 0 } = program[at]!;
    const jumps = { 22: r[to] === value >>> 0, 86: r[to] !== value >>> 0, 70: (r[to]! & value) !== 0 }[code];
    if (code === 0x95) return r[0]!;
    else if (jumps !== undefined) at += jumps ? offset : 0;
    else if (code === 0x61) r[to] = context[offset / 4]!;
    else if (code === 0xbc) r[to] = r[from]!;
    else if (code === 0xb4) r[to] = value;
    else if (code === 0x54) r[to]! &= value;
    else if (code === 0x4c) r[to]! |= r[from]!;
    else if (code === 0x64) r[to]! <<= value;
    else if (code === 0x74) r[to]! >>>= value;
    else throw new Error(`no such instruction: ${code.toString(16)}`);
  }
}

const ACCESSES: Access[] = (["b", "c"] as const).flatMap((type) =>
  [0, 1, 5, 136, 4095].flatMap((major) =>
    [0, 2, 3, 8, 1048575].flatMap((minor) =>
      ["r", "w", "m", "rw", "rwm"].map((access) => ({ type, major, minor, access })),
    ),
  ),
);

function expectAgreement(rules: DeviceRule[]): void {
  const program = deviceProgram(rules);
  const answer = (access: Access) => (program === undefined ? 1 : run(program, access)) === 1;
  const different = ACCESSES.filter((access) => answer(access) !== isAllowed(rules, access));
  expect({ rules, different }).toEqual({ rules, different: [] });
}

describe("deviceProgram", () => {
  test("decides Docker's default list as the list says", () => {
    expectAgreement(DEFAULT_DEVICE_RULES);
  });

  test("lets null be used, the disk not, nor more than its node be made", () => {
    const program = deviceProgram(DEFAULT_DEVICE_RULES)!;
    expect(run(program, { type: "c", major: 1, minor: 3, access: "rw" })).toBe(1);
    expect(run(program, { type: "b", major: 8, minor: 0, access: "r" })).toBe(0);
    expect(run(program, { type: "b", major: 8, minor: 0, access: "m" })).toBe(1);
    expect(run(program, { type: "b", major: 8, minor: 0, access: "rm" })).toBe(0);
  });

  test("agrees with the rules whatever they are: 300 random lists, every access to 50 devices", () => {
    for (const rules of randomRules(300)) expectAgreement(rules);
  });

  test("is none where all is allowed, as in a privileged container", () => {
    expect(deviceProgram([{ allow: false }, { allow: true, access: "rwm" }])).toBeUndefined();
    expect(
      deviceProgram([
        { allow: true, type: "a" },
        { allow: false, type: "c", major: 1 },
      ]),
    ).toBeDefined();
  });

  test("takes one instruction for one device: verifying is what costs", () => {
    const nodes = DEFAULT_DEVICE_RULES.length;
    const more = [...DEFAULT_DEVICE_RULES, { allow: true, type: "c", major: 10, minor: 200 } as const];
    expect(deviceProgram(DEFAULT_DEVICE_RULES)!.length).toBeLessThan(nodes + 20);
    expect(deviceProgram(more)!.length).toBe(deviceProgram(DEFAULT_DEVICE_RULES)!.length + 1);
  });

  test("is laid out as the kernel's struct bpf_insn", () => {
    const bytes = instructionBytes([{ code: 0x56, to: 2, from: 1, offset: -3, value: -1 }]);
    expect(Buffer.from(bytes).toString("hex")).toBe("5612fdffffffffff");
  });
});

describe("withDefaults", () => {
  test("adds what every container needs to a bundle's own list, once", () => {
    const own: DeviceRule[] = [{ allow: false, access: "rwm" }];
    expect(isAllowed(withDefaults(own), { type: "c", major: 1, minor: 3, access: "rw" })).toBe(true);
    expect(withDefaults(DEFAULT_DEVICE_RULES)).toEqual(DEFAULT_DEVICE_RULES);
  });

  test("adds nothing to a list that allows everything", () => {
    const everything: DeviceRule[] = [{ allow: true, access: "rwm" }];
    expect(withDefaults(everything)).toBe(everything);
  });
});

describe("deviceRuleSteps", () => {
  const directory = (version: 1 | 2, controllers: string[]) => ({
    version,
    controllers,
    base: "/c",
    directory: "/c/mini-docker/x",
    mountPoint: "/c",
  });

  test("writes one rule at a time where v1 has the controller", () => {
    const group = { path: "/mini-docker/x", directories: [directory(2, []), directory(1, ["devices"])] };
    const rules: DeviceRule[] = [
      { allow: false, access: "rwm" },
      { allow: true, type: "c", major: 136, access: "rwm" },
      { allow: false, type: "c", major: 136, minor: 0, access: "w" },
    ];
    expect(deviceRuleSteps(group, rules).map(spellCall)).toMatchInlineSnapshot(`
      [
        "openat(AT_FDCWD, "/c/mini-docker/x/devices.deny", O_WRONLY|O_CLOEXEC, 0)",
        "openat(AT_FDCWD, "/c/mini-docker/x/devices.allow", O_WRONLY|O_CLOEXEC, 0)",
        "write($deny, "a", 1)",
        "write($allow, "c 136:* rwm", 11)",
        "write($deny, "c 136:0 w", 9)",
        "close($allow)",
        "close($deny)",
      ]
    `);
  });

  test("loads a program and attaches it where v2 is alone", () => {
    const group = { path: "/mini-docker/x", directories: [directory(2, ["memory"])] };
    expect(deviceRuleSteps(group, DEFAULT_DEVICE_RULES).map(spellCall)).toMatchInlineSnapshot(`
      [
        "openat(AT_FDCWD, "/c/mini-docker/x", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
        "bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=29, insns=/* 232 bytes */, license="MIT", log_level=0, log_size=0, log_buf=0, kern_version=0, prog_flags=0}, 48)",
        "bpf(BPF_PROG_ATTACH, {target_fd=$group, attach_bpf_fd=$program, attach_type=BPF_CGROUP_DEVICE, attach_flags=BPF_F_ALLOW_MULTI}, 16)",
        "close($program)",
        "close($group)",
      ]
    `);
  });

  test("does nothing where all is allowed, or where there is no group", () => {
    const group = { path: "/mini-docker/x", directories: [directory(2, [])] };
    expect(deviceRuleSteps(group, [{ allow: true }])).toEqual([]);
    expect(deviceRuleSteps(group, [])).toEqual([]);
    expect(deviceRuleSteps({ ...group, directories: [] }, DEFAULT_DEVICE_RULES)).toEqual([]);
  });
});
