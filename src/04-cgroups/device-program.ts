// Device rules as a program. On v1 they are text; on v2 the kernel asks a program of ours before every open and mknod
// of a device node in the group (BPF_PROG_TYPE_CGROUP_DEVICE). It is eBPF: eight-byte instructions, registers r0…r10,
// jumps only forwards here, and a verifier that walks every path through it before it may run. See bpf(2) and
// Documentation/bpf/standardization/instruction-set.rst.
//
// The program gets `struct bpf_cgroup_dev_ctx { u32 access_type; u32 major; u32 minor; }` and answers 1 or 0.
// Verifying is what costs time, and the more so the more branches there are, so a rule for one device is one
// instruction: type is tested once for a row of rules, and major and minor are compared as one number.

import type { DeviceRule } from "./resources.ts";

export interface Instruction {
  code: number;
  to?: number;
  from?: number;
  offset?: number;
  value?: number;
}

/** Instruction codes: class | size or source | operation, from include/uapi/linux/bpf.h. */
const CODE = {
  LOAD_WORD: 0x61,
  MOVE: 0xbc,
  MOVE_VALUE: 0xb4,
  AND_VALUE: 0x54,
  OR: 0x4c,
  SHIFT_LEFT: 0x64,
  SHIFT_RIGHT: 0x74,
  JUMP_EQUAL: 0x16,
  JUMP_NOT_EQUAL: 0x56,
  JUMP_ANY_BIT: 0x46,
  EXIT: 0x95,
} as const;

/** Registers: what the kernel passes, what we keep, what it answers. */
const R = { ANSWER: 0, CONTEXT: 1, TYPE: 2, ACCESS: 3, DEVICE: 4, MAJOR: 5, MINOR: 6 } as const;

const TYPE = { b: 1, c: 2 } as const;
const ACCESS: Record<string, number> = { m: 1, r: 2, w: 4 };
const ANY_ACCESS = 7;
const MINOR_BITS = 20;

type Target = "allow" | "deny";
type Line = Instruction & { goto?: Target | number };

/**
 * The program for these rules, of which the last that matches wins, access by access: opening for `rw` needs both.
 * What no rule mentions is denied. `undefined` where all is allowed: then no program is needed.
 */
export function deviceProgram(rules: DeviceRule[]): Instruction[] | undefined {
  const { rest, later } = splitRules(rules);
  if (rest === "allow" && later.every(({ allow }) => allow)) return undefined;
  return resolve([...prologue(), ...rowsOf(later.reverse()).flatMap(rowLines)], rest);
}

/**
 * A rule for everything makes all rules before it meaningless: `rest` is its answer, for what no `later` rule matches.
 */
export function splitRules(rules: DeviceRule[]): { rest: Target; later: DeviceRule[] } {
  const start = rules.findLastIndex(isForEverything);
  return { rest: rules[start]?.allow ? "allow" : "deny", later: rules.slice(start + 1) };
}

/** 8 bytes each: code, registers, offset of a jump, value. */
export function instructionBytes(program: Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(({ code, to = 0, from = 0, offset = 0, value = 0 }, index) => {
    bytes.writeUInt8(code, index * 8);
    bytes.writeUInt8((from << 4) | to, index * 8 + 1);
    bytes.writeInt16LE(offset, index * 8 + 2);
    bytes.writeInt32LE(value | 0, index * 8 + 4);
  });
  return new Uint8Array(bytes);
}

function isForEverything({ type = "a", major = -1, minor = -1, access }: DeviceRule): boolean {
  return type === "a" && major < 0 && minor < 0 && accessBits(access) === ANY_ACCESS;
}

function accessBits(access = "rwm"): number {
  return [...access].reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0);
}

/** Takes the context apart. `access_type` holds two halves: what is wanted above, the kind of device below. */
function prologue(): Line[] {
  return [
    { code: CODE.LOAD_WORD, to: R.TYPE, from: R.CONTEXT, offset: 0 },
    { code: CODE.MOVE, to: R.ACCESS, from: R.TYPE },
    { code: CODE.AND_VALUE, to: R.TYPE, value: 0xffff },
    { code: CODE.SHIFT_RIGHT, to: R.ACCESS, value: 16 },
    { code: CODE.LOAD_WORD, to: R.MAJOR, from: R.CONTEXT, offset: 4 },
    { code: CODE.LOAD_WORD, to: R.MINOR, from: R.CONTEXT, offset: 8 },
    { code: CODE.MOVE, to: R.DEVICE, from: R.MAJOR },
    { code: CODE.SHIFT_LEFT, to: R.DEVICE, value: MINOR_BITS },
    { code: CODE.OR, to: R.DEVICE, from: R.MINOR },
  ];
}

/** Neighbouring rules for the same kind of device share one test of it. */
function rowsOf(rules: DeviceRule[]): DeviceRule[][] {
  const rows: DeviceRule[][] = [];
  for (const rule of rules) {
    const row = rows.at(-1);
    if (row !== undefined && row[0]?.type === rule.type) row.push(rule);
    else rows.push([rule]);
  }
  return rows;
}

function rowLines(row: DeviceRule[]): Line[] {
  const { type = "a" } = row[0]!;
  const lines = row.flatMap(ruleLines);
  if (type === "a") return lines;
  return [{ code: CODE.JUMP_NOT_EQUAL, to: R.TYPE, value: TYPE[type], goto: lines.length }, ...lines];
}

function ruleLines({ allow, major = -1, minor = -1, access }: DeviceRule): Line[] {
  const bits = accessBits(access);
  const verdict = allow ? allowLines(bits) : denyLines(bits);
  if (major < 0 && minor < 0) return verdict;
  const [register, value] =
    minor < 0 ? [R.MAJOR, major] : major < 0 ? [R.MINOR, minor] : [R.DEVICE, (major << MINOR_BITS) | minor];
  // All of it is decided by this rule: one jump says so.
  if (bits === ANY_ACCESS) return [{ code: CODE.JUMP_EQUAL, to: register, value, goto: allow ? "allow" : "deny" }];
  return [{ code: CODE.JUMP_NOT_EQUAL, to: register, value, goto: verdict.length }, ...verdict];
}

/** What is allowed here needs no further asking; nothing left to ask means yes. */
function allowLines(bits: number): Line[] {
  return [
    { code: CODE.AND_VALUE, to: R.ACCESS, value: ANY_ACCESS & ~bits },
    { code: CODE.JUMP_EQUAL, to: R.ACCESS, value: 0, goto: "allow" },
  ];
}

function denyLines(bits: number): Line[] {
  return [{ code: CODE.JUMP_ANY_BIT, to: R.ACCESS, value: bits, goto: "deny" }];
}

/**
 * Turns names into distances, counted from the instruction after the jump. `rest` is where rules run out; the other
 * answer is only there if something jumps to it, as the verifier takes no instruction that can't be reached.
 */
function resolve(lines: Line[], rest: Target): Instruction[] {
  const other: Target = rest === "allow" ? "deny" : "allow";
  const places = { [rest]: lines.length, [other]: lines.length + 2 } as Record<Target, number>;
  const body = lines.map(({ goto, ...line }, index) => {
    if (goto === undefined) return line;
    return { ...line, offset: typeof goto === "number" ? goto : places[goto] - index - 1 };
  });
  const isReached = lines.some(({ goto }) => goto === other);
  return [...body, ...answer(rest), ...(isReached ? answer(other) : [])];
}

function answer(target: Target): Instruction[] {
  return [{ code: CODE.MOVE_VALUE, to: R.ANSWER, value: target === "allow" ? 1 : 0 }, { code: CODE.EXIT }];
}
