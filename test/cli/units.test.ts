import { expect, test } from "vitest";
import { humanDuration, humanSize, memorySize } from "../../src/cli/show/units.ts";

test("humanSize: thousands, four digits, as go-units prints them", () => {
  expect([0, 999, 1000, 1024, 12_345_678, 2.746e9, 999_960, 1e21].map((size) => humanSize(size))).toEqual([
    "0B",
    "999B",
    "1kB",
    "1.024kB",
    "12.35MB",
    "2.746GB",
    "1000kB",
    "1000EB",
  ]);
  expect(humanSize(1_980_000, 3)).toBe("1.98MB");
  expect(humanSize(999_900, 3)).toBe("1e+03kB");
});

test("memorySize: powers of two", () => {
  expect([0, 1023, 1024, 1.5 * 1024 ** 3, 44 * 1024].map(memorySize)).toEqual([
    "0B",
    "1023B",
    "1KiB",
    "1.5GiB",
    "44KiB",
  ]);
});

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

test.each([
  [999, "Less than a second"],
  [SECOND, "1 second"],
  [59.9 * SECOND, "59 seconds"],
  [60 * SECOND, "About a minute"],
  [119 * SECOND, "About a minute"],
  [120 * SECOND, "2 minutes"],
  [59.9 * 60 * SECOND, "59 minutes"],
  [HOUR, "About an hour"],
  [1.4 * HOUR, "About an hour"],
  [1.5 * HOUR, "2 hours"],
  [47 * HOUR, "47 hours"],
  [2 * DAY, "2 days"],
  [14 * DAY, "2 weeks"],
  [60 * DAY, "2 months"],
  [730 * DAY, "2 years"],
])("humanDuration: %d ms", (milliseconds, expected) => {
  expect(humanDuration(milliseconds)).toBe(expected);
});
