import { expect, test } from "vitest";
import {
  boolean,
  bytes,
  bytesOrUnlimited,
  durationMs,
  integer,
  nanoCpus,
  unsigned16,
} from "../../src/cli/flags/values.ts";

test.each([
  ["64", 64],
  ["512m", 512 * 1024 ** 2],
  ["1.5g", 1.5 * 1024 ** 3],
  ["2 mb", 2 * 1024 ** 2],
  ["1KiB", 1024],
  [".5k", 512],
  ["1.7", 1],
])("bytes: %s", (text, expected) => {
  expect(bytes(text)).toBe(expected);
});

test.each([
  ["x", "invalid size: 'x'"],
  ["", "invalid size: ''"],
  ["-1", "invalid size: '-1'"],
  ["1q", "invalid suffix: 'q'"],
  ["10mm", "invalid suffix: 'mm'"],
  ["1.5.5m", 'strconv.ParseFloat: parsing "1.5.5": invalid syntax'],
])("bytes: go-units' refusal of %j", (text, refusal) => {
  expect(() => bytes(text)).toThrow(refusal);
});

test("bytesOrUnlimited: -1 is no limit", () => {
  expect(bytesOrUnlimited("-1")).toBe(-1);
  expect(bytesOrUnlimited("1k")).toBe(1024);
});

test("nanoCpus: decimals and fractions, as long as they come out even", () => {
  expect(["1.5", "3/2", ".5", "1e1"].map(nanoCpus)).toEqual([1.5e9, 1.5e9, 0.5e9, 10e9]);
  expect(() => nanoCpus("x")).toThrow("failed to parse x as a rational number");
  expect(() => nanoCpus("1/0")).toThrow("failed to parse 1/0 as a rational number");
  expect(() => nanoCpus("1/3")).toThrow("value is too precise");
});

test("durationMs: Go's spans", () => {
  expect(["1m30s", "1.5h", "300ms", "0", "-1s", "1µs"].map(durationMs)).toEqual([90e3, 5400e3, 300, 0, -1000, 0.001]);
  expect(() => durationMs("5")).toThrow('time: missing unit in duration "5"');
  expect(() => durationMs("1x")).toThrow('time: unknown unit "x" in duration "1x"');
  expect(() => durationMs("x")).toThrow('time: invalid duration "x"');
});

test("integer, unsigned16 and boolean refuse as strconv does", () => {
  expect([integer("-5"), unsigned16("7"), boolean("T"), boolean("0")]).toEqual([-5, 7, true, false]);
  expect(() => integer("1.5")).toThrow('strconv.ParseInt: parsing "1.5": invalid syntax');
  expect(() => integer("99999999999999999999")).toThrow("value out of range");
  expect(() => unsigned16("70000")).toThrow('strconv.ParseUint: parsing "70000": value out of range');
  expect(() => boolean("maybe")).toThrow('strconv.ParseBool: parsing "maybe": invalid syntax');
});
