import { describe, expect, test } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { weightOf } from "../../src/04-cgroups/cpu.ts";
import { parseList } from "../../src/04-cgroups/cpuset.ts";
import { findMachine, limitsFor, type Resources } from "../../src/04-cgroups/index.ts";
import { ioWeightOf } from "../../src/04-cgroups/io.ts";
import * as recorded from "./recorded.ts";

function limitsOn(machine: recorded.Recorded, resources: Resources) {
  const files = recorded.filesOf(machine);
  return limitsFor(resources, findMachine(files), files);
}

/** `memory.max = 100` for each setting. */
function written(machine: recorded.Recorded, resources: Resources): string[] {
  return limitsOn(machine, resources).settings.map(({ file, value }) => `${file} = ${value}`);
}

const MB = 1024 * 1024;

describe("memory", () => {
  test("with swap is one number on v1, and two that add up to it on v2", () => {
    const asked = { memory: { limit: 100 * MB, swap: 150 * MB, reservation: 50 * MB } };
    expect(written(recorded.centos7, asked)).toEqual([
      "memory.limit_in_bytes = 104857600",
      "memory.memsw.limit_in_bytes = 157286400",
      "memory.soft_limit_in_bytes = 52428800",
    ]);
    expect(written(recorded.debian12, asked)).toEqual([
      "memory.swap.max = 52428800",
      "memory.max = 104857600",
      "memory.low = 52428800",
    ]);
  });

  test("equal to memory with swap means no swap at all", () => {
    expect(written(recorded.debian12, { memory: { limit: MB, swap: MB } })).toContain("memory.swap.max = 0");
  });

  test("of -1 is no limit, for swap as well", () => {
    expect(written(recorded.debian12, { memory: { limit: -1 } })).toEqual([
      "memory.swap.max = max",
      "memory.max = max",
    ]);
    expect(written(recorded.centos7, { memory: { limit: -1 } })).toEqual([
      "memory.limit_in_bytes = -1",
      "memory.memsw.limit_in_bytes = -1",
    ]);
  });

  test.each([recorded.centos7, recorded.debian12])("below the limit with swap is a mistake (%#)", (machine) => {
    expect(() => limitsOn(machine, { memory: { limit: 2 * MB, swap: MB } })).toThrow(UserError);
    expect(() => limitsOn(machine, { memory: { swap: MB } })).toThrow(UserError);
  });

  test("habits that v2 doesn't know are left out with Docker's warning", () => {
    const asked = { memory: { limit: MB, swappiness: 10, disableOOMKiller: true } };
    expect(written(recorded.centos7, asked)).toContain("memory.swappiness = 10");
    expect(written(recorded.centos7, asked)).toContain("memory.oom_control = 1");
    expect(limitsOn(recorded.debian12, asked)).toMatchObject({
      settings: [{ file: "memory.max" }],
      warnings: [expect.stringContaining("swappiness discarded"), expect.stringContaining("OomKillDisable discarded")],
    });
  });

  test("with swap, on a kernel that counts no swap, is limited without and says so", () => {
    const { "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes": _, ...files } = recorded.centos7.files!;
    const { warnings, settings } = limitsOn({ ...recorded.centos7, files }, { memory: { limit: MB, swap: 2 * MB } });
    expect(warnings).toEqual([expect.stringContaining("Memory limited without swap.")]);
    expect(settings.find(({ file }) => file.includes("memsw"))?.isOptional).toBe(true);
  });
});

describe("cpu", () => {
  test("quota and period are two files on v1 and one on v2", () => {
    const asked = { cpu: { quota: 50_000, period: 100_000, shares: 1024 } };
    expect(written(recorded.centos7, asked)).toEqual([
      "cpu.shares = 1024",
      "cpu.cfs_period_us = 100000",
      "cpu.cfs_quota_us = 50000",
    ]);
    expect(written(recorded.debian12, asked)).toEqual(["cpu.weight = 100", "cpu.max = 50000 100000"]);
  });

  test("a quota alone leaves v2's period as it is, a period alone sets no quota", () => {
    expect(written(recorded.debian12, { cpu: { quota: 20_000 } })).toEqual(["cpu.max = 20000"]);
    expect(written(recorded.debian12, { cpu: { period: 50_000 } })).toEqual(["cpu.max = max 50000"]);
  });

  // The table of runc's TestConvertCPUSharesToCgroupV2Value.
  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [1024, 100],
    [262_143, 10_000],
    [262_144, 10_000],
    [262_145, 10_000],
  ])("shares of %i weigh %i", (shares, weight) => {
    expect(weightOf(shares)).toBe(weight);
  });
});

describe("cpuset", () => {
  test("is the same on both versions", () => {
    const asked = { cpu: { cpus: "0-1", mems: "0" } };
    const expected = ["cpuset.cpus = 0-1", "cpuset.mems = 0"];
    expect(written(recorded.centos7, asked)).toEqual(expected);
    expect(written(recorded.debian12, asked)).toEqual(expected);
  });

  test("names the processors there are when asked for one there isn't", () => {
    expect(() => limitsOn(recorded.centos7, { cpu: { cpus: "2-7" } })).toThrow(
      "Requested CPUs are not available - requested 2-7, available: 0-3",
    );
  });

  test.each(["x", "3-1", "1,", "0-99999999"])("refuses %s, which is no list", (cpus) => {
    expect(() => limitsOn(recorded.debian12, { cpu: { cpus } })).toThrow(UserError);
  });

  test("reads ranges and single numbers", () => {
    expect(parseList("0-2,5")).toEqual([0, 1, 2, 5]);
  });
});

describe("pids, disks and huge pages", () => {
  test("no limit on pids is max", () => {
    expect(written(recorded.debian12, { pids: { limit: -1 } })).toEqual(["pids.max = max"]);
    expect(written(recorded.centos7, { pids: { limit: 20 } })).toEqual(["pids.max = 20"]);
  });

  test("rates are a file for each on v1, keys of io.max on v2", () => {
    const asked = {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: MB }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 0 }],
      },
    };
    expect(written(recorded.centos7, asked)).toEqual([
      "blkio.throttle.read_bps_device = 8:0 1048576",
      "blkio.throttle.write_iops_device = 8:16 0",
    ]);
    expect(written(recorded.debian12, asked)).toEqual(["io.max = 8:0 rbps=1048576", "io.max = 8:16 wiops=max"]);
  });

  test("a share of the disk goes to whichever file the scheduler has, and none is an error", () => {
    const { settings } = limitsOn(recorded.debian12, { blockIO: { weight: 500 } });
    expect(settings.map(({ file, value }) => `${file} = ${value}`)).toEqual([
      "io.bfq.weight = 500",
      "io.weight = 4950",
    ]);
    expect(settings.every(({ isOptional }) => isOptional)).toBe(true);
  });

  test("both scales of the disk's share begin and end together", () => {
    expect([ioWeightOf(10), ioWeightOf(1000)]).toEqual([1, 10_000]);
  });

  test("on a hybrid machine each limit goes where its controller is", () => {
    const asked = { pids: { limit: 5 }, hugepageLimits: [{ pageSize: "2MB", limit: 4 * MB }] };
    expect(written(recorded.hybrid, asked)).toEqual([
      "pids.max = 5",
      "hugetlb.2MB.max = 4194304",
      "hugetlb.2MB.rsvd.max = 4194304",
    ]);
  });
});

describe("a limit that can't be kept", () => {
  test("is refused with the controller and the reason", () => {
    expect(() => limitsOn(recorded.privilegedContainer, { memory: { limit: MB } })).toThrow(
      "the memory limit can't be kept here: processes are in /sys/fs/cgroup itself",
    );
    expect(() => limitsOn(recorded.centos7, { hugepageLimits: [{ pageSize: "2MB", limit: 0 }] })).toThrow(
      "the huge page limit can't be kept here: no mounted hierarchy has it",
    );
  });

  test("is a warning where it is only a preference", () => {
    const asked = { cpu: { shares: 512 }, blockIO: { weight: 100 }, memory: { reservation: MB } };
    expect(limitsOn(recorded.v1Container, asked)).toEqual({
      settings: [],
      warnings: [
        expect.stringContaining("Limitation discarded."),
        expect.stringContaining("Shares discarded."),
        expect.stringContaining("Weight discarded."),
      ],
    });
  });

  test("is no reason to refuse a container that asks for nothing", () => {
    expect(limitsOn({ ...recorded.debian12, writable: [] }, {})).toEqual({ settings: [], warnings: [] });
  });

  test("of a controller nobody offers any more is refused by name", () => {
    expect(() => limitsOn(recorded.centos7, { network: { classID: 1 } })).toThrow("net_cls");
    expect(() => limitsOn(recorded.centos7, { rdma: { mlx: { hcaHandles: 1 } } })).toThrow("rdma");
  });
});

describe("unified", () => {
  test("writes what it is told, where v2 has the controller", () => {
    expect(written(recorded.debian12, { unified: { "memory.high": "1G", "cgroup.max.depth": "3" } })).toEqual([
      "memory.high = 1G",
      "cgroup.max.depth = 3",
    ]);
  });

  test.each(["../other/memory.max", "memory.max/x", "memory"])("refuses %s, which is no file of the group", (file) => {
    expect(() => limitsOn(recorded.debian12, { unified: { [file]: "1" } })).toThrow(UserError);
  });

  test("is refused where v2 lacks the controller, or v2 is not there", () => {
    expect(() => limitsOn(recorded.hybrid, { unified: { "memory.max": "1" } })).toThrow('no controller "memory"');
    expect(() => limitsOn(recorded.centos7, { unified: { "memory.max": "1" } })).toThrow("no cgroup v2");
  });
});
