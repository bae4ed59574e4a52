import { describe, expect, test } from "vitest";
import { localRfc3339, moment, rfc3339 } from "../../src/cli/flags/moments.ts";
import { goTime } from "../../src/cli/show/go-time.ts";

const NOW = Date.parse("2026-11-28T12:00:00Z");
process.env.TZ = "Asia/Kolkata";

describe("a moment", () => {
  test.each([
    ["seconds since 1970", "1136073600", "2006-01-01T00:00:00.000000000Z"],
    ["with a fraction", "1136073600.000000001", "2006-01-01T00:00:00.000000001Z"],
    ["a time", "2013-01-02T13:23:37Z", "2013-01-02T13:23:37.000000000Z"],
    ["with nine digits", "2013-01-02T13:23:37.123456789Z", "2013-01-02T13:23:37.123456789Z"],
    ["somewhere else", "2013-01-02T13:23:37+02:00", "2013-01-02T11:23:37.000000000Z"],
    ["here, where no zone is said", "2013-01-02T05:30:00", "2013-01-02T00:00:00.000000000Z"],
    ["to the minute", "2013-01-02T05:30", "2013-01-02T00:00:00.000000000Z"],
    ["a day", "2013-01-02", "2013-01-01T18:30:00.000000000Z"],
    ["so long ago", "1h30m", "2026-11-28T10:30:00.000000000Z"],
    ["so long from now", "-10m", "2026-11-28T12:10:00.000000000Z"],
    ["now", "0s", "2026-11-28T12:00:00.000000000Z"],
  ])("%s", (_, text, expected) => {
    expect(rfc3339(moment(text, NOW))).toBe(expected);
  });

  test.each(["soon", "", "2013-13-01", "1x"])("is not %j", (text) => {
    expect(() => moment(text, NOW)).toThrow(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  });
});

test("times are shown in this machine's zone", () => {
  expect(localRfc3339(1136073600_000000001n)).toBe("2006-01-01T05:30:00.000000001+05:30");
  expect(goTime(new Date(NOW))).toBe("2026-11-28 17:30:00 +0530 +0530");
});
