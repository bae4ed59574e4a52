import { describe, expect, test } from "vitest";
import { findMachine, limitsForUpdate, placeGroup, type Resources } from "../../src/04-cgroups/index.ts";
import * as recorded from "./recorded.ts";

const V1 = "/sys/fs/cgroup/memory/mini-docker/x";
const V2 = "/sys/fs/cgroup/mini-docker/x";

/** What an update writes, in order, to a group in which `now` holds. */
function updated(machine: recorded.Recorded, now: Record<string, string>, asked: Resources): string[] {
  const files = recorded.filesOf({ ...machine, files: { ...machine.files, ...now } });
  const found = findMachine(files);
  const group = placeGroup(found, "/mini-docker/x", ["memory", "cpu"]);
  return limitsForUpdate(group, asked, found, files).settings.map(({ file, value }) => `${file} = ${value}`);
}

describe("memory on v1 is never above memory with swap", () => {
  const now = { [`${V1}/memory.limit_in_bytes`]: "100", [`${V1}/memory.memsw.limit_in_bytes`]: "200" };

  test("so raising both begins with the larger", () => {
    expect(updated(recorded.centos7, now, { memory: { limit: 300, swap: 400 } })).toEqual([
      "memory.memsw.limit_in_bytes = 400",
      "memory.limit_in_bytes = 300",
    ]);
    expect(updated(recorded.centos7, now, { memory: { limit: 300, swap: -1 } })[0]).toBe(
      "memory.memsw.limit_in_bytes = -1",
    );
  });

  test("and lowering both with the smaller", () => {
    expect(updated(recorded.centos7, now, { memory: { limit: 50, swap: 80 } })).toEqual([
      "memory.limit_in_bytes = 50",
      "memory.memsw.limit_in_bytes = 80",
    ]);
  });

  test("so raising memory alone above it is refused in Docker's words", () => {
    expect(() => updated(recorded.centos7, now, { memory: { limit: 300 } })).toThrow(
      "Memory limit should be smaller than already set memoryswap limit",
    );
  });
});

describe("on v2 what is not asked for stays", () => {
  test("swap is counted from the memory limit that holds", () => {
    expect(updated(recorded.debian12, { [`${V2}/memory.max`]: "100" }, { memory: { swap: 150 } })).toContain(
      "memory.swap.max = 50",
    );
  });

  test("a new period keeps the quota", () => {
    expect(updated(recorded.debian12, { [`${V2}/cpu.max`]: "5000 10000" }, { cpu: { period: 20_000 } })).toEqual([
      "cpu.max = 5000 20000",
    ]);
    expect(updated(recorded.debian12, { [`${V2}/cpu.max`]: "max 10000" }, { cpu: { period: 20_000 } })).toEqual([
      "cpu.max = max 20000",
    ]);
  });
});
