import { describe, expect, test } from "vitest";
import { type ContainerState, NEW_STATE } from "../../src/10-containers/container.ts";
import { withoutGiven } from "../../src/10-containers/look/diff.ts";
import { Filters } from "../../src/10-containers/look/filters.ts";
import { stateName, statusText } from "../../src/10-containers/look/status.ts";
import { onlyOf } from "../../src/10-containers/look/top.ts";
import { type Sample, usageBetween } from "../../src/10-containers/look/usage.ts";

describe("a status", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  const times = { startedAt: "2026-01-01T11:00:00Z", finishedAt: "2026-01-01T11:59:57Z", exitCode: 3 };
  test.each<[Partial<ContainerState>, string]>([
    [{ status: "created" }, "Created"],
    [{ status: "starting" }, "Created"],
    [{ ...times, status: "running" }, "Up About an hour"],
    [{ ...times, status: "paused" }, "Up About an hour (Paused)"],
    [{ ...times, status: "exited" }, "Exited (3) 3 seconds ago"],
    [{ ...times, status: "restarting" }, "Restarting (3) 3 seconds ago"],
    [{ status: "removing" }, "Removal In Progress"],
    [{ status: "dead" }, "Dead"],
  ])("of %o", (state, text) => {
    expect(statusText({ ...NEW_STATE, ...state }, now)).toBe(text);
  });

  test("of one that is just being started is that of one that isn't", () => {
    expect(stateName({ ...NEW_STATE, status: "starting" })).toBe("created");
  });
});

test("a filter is a text or found as an expression; one that can't be read finds only itself", () => {
  const filters = (value: string) => new Filters([["name", value]], ["name"]);
  expect(filters("web").matches("name", "my-web-1")).toBe(true);
  expect(filters("^web").matches("name", "my-web-1")).toBe(false);
  expect(filters("(").matches("name", "(")).toBe(true);
  expect(filters("(").matches("name", "a(b")).toBe(false);
  expect(() => new Filters([["nosuch", "1"]], ["name"])).toThrow("invalid filter 'nosuch'");
});

describe("changes without what was given", () => {
  const changes = (...lines: string[]) =>
    lines.map((line) => ({ kind: line[0] as "A" | "C" | "D", path: line.slice(2) }));
  const given = ["/etc/hosts", "/proc", "/dev", "/dev/pts", "/sbin/init"];

  test("leaves out the places of mounts, and folders that only they have changed", () => {
    const all = changes(
      "A /proc",
      "C /etc",
      "A /etc/hosts",
      "C /sbin",
      "A /sbin/init",
      "A /dev",
      "A /dev/pts",
      "A /mine",
    );
    expect(withoutGiven(all, given)).toEqual(changes("A /mine"));
  });

  test("but a folder in which something else changed stays", () => {
    const all = changes("C /etc", "A /etc/hosts", "D /etc/group");
    expect(withoutGiven(all, given)).toEqual(changes("C /etc", "D /etc/group"));
  });
});

test("of what ps prints only the container's lines; a command may hold spaces", () => {
  const text = "UID  PID  PPID CMD\nroot   1    0 init --and more\nroot  42    1 sleep   7\n";
  expect(onlyOf([42, 7], text)).toEqual({
    titles: ["UID", "PID", "PPID", "CMD"],
    processes: [["root", "42", "1", "sleep 7"]],
  });
  expect(() => onlyOf([1], "CMD\ninit\n")).toThrow("Couldn't find PID field in ps output");
});

describe("usage between two looks", () => {
  const look = (seconds: number, usageNs: number, more = {}): Sample => ({
    atNs: BigInt(seconds) * 1_000_000_000n,
    stats: { cpu: { usageNs, userNs: 0, systemNs: 0, periods: 0, throttledPeriods: 0, throttledNs: 0 }, ...more },
    network: { read: 1, written: 2 },
    isCounted: true,
  });

  test("is the processor time in the time that passed: two busy processors are 200 %", () => {
    expect(usageBetween(look(10, 5e9), look(12, 9e9)).cpuPercent).toBe(200);
    expect(usageBetween(look(10, 5e9), look(10, 5e9)).cpuPercent).toBe(0);
  });

  test("is never negative, where the group was made anew", () => {
    expect(usageBetween(look(10, 5e9), look(12, 1e9)).cpuPercent).toBe(0);
  });

  test("compares memory with the limit, or with the machine's", () => {
    const memory = { usedBytes: 16 * 2 ** 20, countedBytes: 0, limitBytes: 64 * 2 ** 20 };
    expect(usageBetween(look(1, 0), look(2, 0, { memory }))).toMatchObject({
      memoryPercent: 25,
      memoryLimitBytes: 2 ** 26,
    });
    const { limitBytes: _, ...unlimited } = memory;
    expect(usageBetween(look(1, 0), look(2, 0, { memory: unlimited })).memoryLimitBytes).toBeGreaterThan(2 ** 28);
    expect(usageBetween(look(1, 0), look(2, 0))).toMatchObject({ memoryPercent: 0, memoryLimitBytes: 0 });
  });
});
