import { existsSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { perform, UserError } from "../../src/01-syscalls/index.ts";
import {
  findMachine,
  type Group,
  groupPids,
  killGroup,
  planGroup,
  type Resources,
  readStats,
  removeGroup,
  removeParents,
} from "../../src/04-cgroups/index.ts";
import { needs } from "../support/needs.ts";
import { runIn, startIn, stepsOf, sweep } from "./contained.ts";

const here = findMachine();
let groups: Group[] = [];

function limited(resources: Resources): Group {
  const id = `test-${process.pid}-${groups.length}`;
  const plan = planGroup({ id, machine: here, resources });
  groups.push(plan.group);
  perform(stepsOf(here, plan));
  return plan.group;
}

afterEach(async () => {
  for (const group of groups) await sweep(group);
  removeParents(here);
  groups = [];
});

describe("an ordinary user with a part of the tree", needs("delegation"), () => {
  test("limits a container in that part, and ends its fork bomb", () => {
    const group = limited({ pids: { limit: 5 } });
    const { output } = runIn(group, 'for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; echo "no end"');
    expect(output).toMatch(/fork|Resource temporarily unavailable/i);
    expect(output).not.toContain("no end");
  });

  test("sees what it uses, and kills and removes it", async () => {
    const group = limited({ memory: { limit: 2 ** 26 } });
    const program = startIn(group, "exec sleep 60");
    expect(readStats(group)).toMatchObject({ memory: { limitBytes: 2 ** 26 }, pids: { current: 1 } });
    await killGroup(group);
    expect(program.end().exitCode).toBe(137);
    expect(groupPids(group)).toEqual([]);
    await removeGroup(group);
    expect(group.directories.filter(({ directory }) => existsSync(directory))).toEqual([]);
  });

  test("is told of a controller that wasn't handed down, and how to get it", () => {
    const hugepageLimits = [{ pageSize: "2MB", limit: 0 }];
    expect(() => limited({ hugepageLimits })).toThrow(
      /huge page limit can't be kept here: .* was delegated without it/,
    );
    expect(groups).toEqual([]);
  });
});

describe("an ordinary user without one", needs("cgroup1"), () => {
  test("has no group, and a limit is refused", () => {
    expect(planGroup({ id: "x", machine: here }).group.directories).toEqual([]);
    expect(() => limited({ memory: { limit: 2 ** 26 } })).toThrow(UserError);
  });
});
