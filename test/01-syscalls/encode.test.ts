import { describe, expect, test } from "vitest";
import { encode, encodeCall, HEADER_SIZE, PATCH, STEP_SIZE } from "../../src/01-syscalls/encode.ts";
import {
  chdirStep,
  closeStep,
  dupStep,
  fsconfigStep,
  openStep,
  reg,
  step,
  struct,
} from "../../src/01-syscalls/index.ts";

const why = "to see how it is laid out";
const textAt = (bytes: Buffer, at: number) => bytes.toString("utf8", at, bytes.indexOf(0, at));
const only = (...steps: Parameters<typeof encode>[0]["inside"]) => ({ before: [], inside: steps });

describe("encode", () => {
  test("puts numbers of all signs and sizes as C's 64-bit integers", () => {
    const numbers = [-100, 2 ** 31, 2 ** 40 + 1, -1n, 0x8000000000000000n, 0xffffffff];
    const bytes = encode(only(step("prctl", numbers, { why })));
    const words = numbers.map((_, index) => bytes.readBigUInt64LE(HEADER_SIZE + index * 8));
    expect(words).toEqual(numbers.map((number) => BigInt.asUintN(64, BigInt(number))));
  });

  test("points to each text once, and relocates every pointer to it", () => {
    const bytes = encode(only(chdirStep({ path: "/größe", why }), chdirStep({ path: "/größe", why })));
    const [first, second] = [0, 1].map((index) => bytes.readUInt32LE(HEADER_SIZE + index * STEP_SIZE));
    expect(textAt(bytes, first!)).toBe("/größe");
    expect(second).toBe(first);
    const [count = 0, at = 0] = [bytes.readUInt32LE(12), bytes.readUInt32LE(16)];
    const relocations = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(at + index * 4));
    expect(relocations).toEqual([HEADER_SIZE, HEADER_SIZE + STEP_SIZE]);
  });

  test("has room for any number of bytes, and for whole words at its end", () => {
    for (const length of [1, 1101, 70_001]) {
      const { bytes } = encodeCall(step("write", [1, Buffer.alloc(length, 7), length], { why }), {});
      expect(bytes.length % 8).toBe(0);
      expect(bytes.lastIndexOf(7) - bytes.indexOf(7) + 1).toBeGreaterThanOrEqual(length);
    }
  });

  test("puts registers that are known as the numbers they hold, also into texts and structures", () => {
    const known = encode(
      only(
        dupStep({ from: reg("monitor"), to: 1, why }),
        fsconfigStep({ fs: 3, key: "lowerdir", value: { text: ["/proc/self/fd/", reg("monitor"), "/x"] }, why }),
        step("clone3", [struct(["cgroup", "u64", reg("monitor")], ["fd", "u32", reg("monitor")]), 16], { why }),
      ),
      0,
      { monitor: 7 },
    );
    const written = encode(
      only(
        dupStep({ from: 7, to: 1, why }),
        fsconfigStep({ fs: 3, key: "lowerdir", value: "/proc/self/fd/7/x", why }),
        step("clone3", [struct(["cgroup", "u64", 7], ["fd", "u32", 7]), 16], { why }),
      ),
    );
    expect(known).toEqual(written);
  });

  test("refuses a register that no step before has set", () => {
    const open = openStep({ path: "/", flags: 0, as: "root", why });
    const close = closeStep({ fd: reg("root"), why });
    expect(() => encode(only(open, close))).not.toThrow();
    expect(() => encode(only(close, open))).toThrow("a step uses $root before any step has set it");
  });
});

test("numbers in a text: patched in the order that is written, each ends up in its place", () => {
  const open = openStep({ path: "/", flags: 0, as: "fd", why });
  const path = { text: ["/proc/", reg("pid"), "/fd/", reg("fd"), "/größe"] };
  const bytes = encode(only(open, chdirStep({ path, why })));
  const chdir = HEADER_SIZE + STEP_SIZE;
  const values = { 1: "4711", 2: "12" } as Record<number, string>;
  const [list = 0, count = 0] = [bytes.readUInt32LE(chdir + 64), bytes.readUInt32LE(chdir + 68)];
  for (let at = list; at < list + count * 16; at += 16) {
    const [kind, place = 0, register = 0, rest = 0] = [0, 4, 8, 12].map((offset) => bytes.readUInt32LE(at + offset));
    expect(kind).toBe(PATCH.DECIMAL);
    // As the launcher does: what follows moves away, and the digits take its place.
    const digits = values[register]!;
    bytes.copy(bytes, place + digits.length, place, place + rest);
    bytes.write(digits, place);
  }
  expect(textAt(bytes, bytes.readUInt32LE(chdir))).toBe("/proc/4711/fd/12/größe");
});
