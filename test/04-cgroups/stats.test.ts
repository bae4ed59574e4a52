import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readText, writeText } from "../../src/04-cgroups/files.ts";
import { type Group, oomKills, readPressure, readStats } from "../../src/04-cgroups/index.ts";

let top: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "mini-docker-cgroup-"));
});
afterEach(() => rmSync(top, { recursive: true }));

/** A group whose files a test has written: `{ "memory/memory.usage_in_bytes": "5" }`, a folder a hierarchy. */
function groupWith(version: 1 | 2, files: Record<string, string>): Group {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(top, path, ".."), { recursive: true });
    writeFileSync(join(top, path), `${text}\n`);
  }
  const names = [...new Set(Object.keys(files).map((path) => path.split("/")[0]!))];
  const directories = names.map((name) => ({
    version,
    controllers: version === 1 ? name.split(",") : ["memory", "cpu", "pids", "io"],
    base: top,
    directory: join(top, name),
    mountPoint: top,
  }));
  return { path: "/x", directories };
}

describe("readStats", () => {
  test("on v2 counts memory as Docker does: without files nobody used lately", () => {
    const group = groupWith(2, {
      "g/memory.current": "1000",
      "g/memory.stat": "anon 300\nfile 700\ninactive_file 600\nactive_file 100",
      "g/memory.max": "max",
      "g/memory.peak": "1200",
    });
    expect(readStats(group).memory).toEqual({ usedBytes: 400, countedBytes: 1000, peakBytes: 1200 });
  });

  test("on v1 uses the totals, which include groups inside, and knows v1's way to say no limit", () => {
    const group = groupWith(1, {
      "memory/memory.usage_in_bytes": "1000",
      "memory/memory.stat": "inactive_file 1\ntotal_inactive_file 600",
      "memory/memory.limit_in_bytes": "9223372036854771712",
    });
    expect(readStats(group).memory).toEqual({ usedBytes: 400, countedBytes: 1000 });
  });

  test("never goes below zero: the two numbers are read one after the other", () => {
    const group = groupWith(2, { "g/memory.current": "10", "g/memory.stat": "inactive_file 600" });
    expect(readStats(group).memory?.usedBytes).toBe(0);
  });

  test("gives processor time in nanoseconds from either version", () => {
    const v2 = groupWith(2, {
      "g/cpu.stat": "usage_usec 7\nuser_usec 5\nsystem_usec 2\nnr_periods 9\nnr_throttled 4\nthrottled_usec 3",
    });
    const expected = {
      usageNs: 7000,
      userNs: 5000,
      systemNs: 2000,
      periods: 9,
      throttledPeriods: 4,
      throttledNs: 3000,
    };
    expect(readStats(v2).cpu).toEqual(expected);
    const v1 = groupWith(1, {
      "cpu,cpuacct/cpuacct.usage": "7000",
      "cpu,cpuacct/cpuacct.usage_user": "5000",
      "cpu,cpuacct/cpuacct.usage_sys": "2000",
      "cpu,cpuacct/cpu.stat": "nr_periods 9\nnr_throttled 4\nthrottled_time 3000",
    });
    expect(readStats(v1).cpu).toEqual(expected);
  });

  test("adds up all disks, from either version", () => {
    const expected = { readBytes: 5, writeBytes: 20, readOperations: 3, writeOperations: 4 };
    const v2 = { "g/io.stat": "8:0 rbytes=2 wbytes=20 rios=1 wios=4 dbytes=0 dios=0\n254:1 rbytes=3 rios=2" };
    expect(readStats(groupWith(2, v2)).io).toEqual(expected);
    const v1 = groupWith(1, {
      "blkio/blkio.throttle.io_service_bytes_recursive":
        "8:0 Read 2\n8:0 Write 20\n8:0 Total 22\n254:1 Read 3\nTotal 25",
      "blkio/blkio.throttle.io_serviced_recursive": "8:0 Read 1\n8:0 Write 4\n254:1 Read 2\nTotal 7",
    });
    expect(readStats(v1).io).toEqual(expected);
  });

  test("leaves out what the group has no controller for, and says nothing of a group that is gone", () => {
    expect(readStats(groupWith(2, { "g/pids.current": "3", "g/pids.max": "20" }))).toEqual({
      pids: { current: 3, limit: 20 },
    });
    const gone = { version: 2, controllers: ["memory"], base: top, directory: `${top}/gone`, mountPoint: top } as const;
    expect(readStats({ path: "/gone", directories: [{ ...gone, controllers: ["memory"] }] })).toEqual({});
    expect(readStats({ path: "/none", directories: [] })).toEqual({});
  });
});

describe("a file the kernel doesn't have", () => {
  test("is neither read nor made", () => {
    const path = join(top, "cgroup.kill");
    expect([readText(path), writeText(path, "1"), existsSync(path)]).toEqual([undefined, false, false]);
    expect(writeText(join(top, "gone", "cgroup.kill"), "1")).toBe(false);
  });
});

describe("oomKills", () => {
  test("on v2 reads the group's count, which has those of groups inside already", () => {
    const inner = "oom 1\noom_kill 1";
    const files = { "g/memory.events": "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2", "g/inner/memory.events": inner };
    expect(oomKills(groupWith(2, files))).toBe(2);
  });

  test("on v1 adds up those of groups inside", () => {
    const control = (kills: number) => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}`;
    const files = { "memory/memory.oom_control": control(1), "memory/inner/memory.oom_control": control(2) };
    expect(oomKills(groupWith(1, files))).toBe(3);
  });

  test("is 0 without a memory controller", () => {
    expect(oomKills({ path: "/none", directories: [] })).toBe(0);
  });
});

describe("readPressure", () => {
  test("tells how long somebody, and how long everybody, had to wait", () => {
    const text = "some avg10=1.50 avg60=0.20 avg300=0.05 total=1043\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7";
    expect(readPressure(groupWith(2, { "g/memory.pressure": text }))).toEqual({
      memory: {
        some: { avg10: 1.5, avg60: 0.2, avg300: 0.05, totalUs: 1043 },
        full: { avg10: 0, avg60: 0, avg300: 0, totalUs: 7 },
      },
    });
  });

  test("says why there is nothing to tell", () => {
    expect(readPressure(groupWith(1, { "memory/memory.stat": "" }))).toEqual({
      unavailable: expect.stringContaining("v2 only"),
    });
    expect(readPressure(groupWith(2, { "g/memory.stat": "" }))).toEqual({
      unavailable: expect.stringContaining("psi=1"),
    });
  });
});
