// A part of the tree for a container to divide: which directories and files are given, and nothing else.

import { describe, expect, test } from "vitest";
import { spellCall } from "../../src/01-syscalls/index.ts";
import {
  cgroupMountSteps,
  createSteps,
  delegateSteps,
  enterGroupSteps,
  findMachine,
  joinSteps,
  openGroupSteps,
  planGroup,
} from "../../src/04-cgroups/index.ts";
import * as recorded from "./recorded.ts";

const OWNER = { uid: 70_000, gid: 70_001 };

function planned(on: recorded.Recorded, isDelegated = true) {
  const files = recorded.filesOf(on);
  const machine = findMachine(files);
  const { group } = planGroup({ id: "x", machine, isDelegated, resources: { pids: { limit: 5 } } });
  const given = (owner?: typeof OWNER) => delegateSteps({ machine, group, owner }, files).map(spellCall);
  return { machine, group, given, files };
}

/** What is given away, without the numbers. */
const paths = (calls: string[]) =>
  calls.flatMap((call) => /^fchownat\(AT_FDCWD, "([^"]*)", 70000, 70001, 0\)$/.exec(call)?.[1] ?? []);

describe("a delegated group", () => {
  test("on v2 is one directory below the limits, with three files", () => {
    const { given } = planned(recorded.debian12);
    const own = "/sys/fs/cgroup/mini-docker/x/own";
    expect(paths(given(OWNER))).toEqual([
      own,
      `${own}/cgroup.procs`,
      `${own}/cgroup.threads`,
      `${own}/cgroup.subtree_control`,
    ]);
    expect(given(OWNER).join("\n")).toContain("/sys/fs/cgroup/mini-docker/x/cgroup.max.descendants");
  });

  test("on v1 is one in each hierarchy that limits something; devices stay the host's", () => {
    const { given } = planned(recorded.hybrid);
    const all = paths(given(OWNER));
    expect(all).toContain("/sys/fs/cgroup/memory/mini-docker/x/own");
    expect(all).toContain("/sys/fs/cgroup/pids/mini-docker/x/own/tasks");
    expect(all.filter((path) => path.includes("devices"))).toEqual([]);
    const names = all.map((path) => path.replace(/.*\/own\/?/, "")).filter(Boolean);
    expect([...new Set(names)].sort()).toEqual(["cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "tasks"]);
  });

  test("of an ordinary user's is made, and already who it is for", () => {
    const { given } = planned(recorded.debian12User);
    expect(paths(given())).toEqual([]);
    expect(given().some((call) => /^mkdirat\(AT_FDCWD, ".*\/x\/own", 0755\)/.test(call))).toBe(true);
  });

  test("is where the child begins, and a later process joins; on v2 the first process moves into a leaf of it", () => {
    for (const on of [recorded.debian12, recorded.hybrid]) {
      const { group } = planned(on);
      const opened = [...openGroupSteps(group), ...joinSteps(group).before, ...enterGroupSteps(group)].map(spellCall);
      for (const call of opened.filter((each) => each.startsWith("openat"))) expect(call).toContain("/x/own");
      const mounted = cgroupMountSteps({ destination: "/sys/fs/cgroup", type: "cgroup" }, group).map(spellCall);
      expect(mounted.filter((call) => call.includes('"init/cgroup.procs"'))).toHaveLength(1);
    }
  });

  test("is divided only when it is to be", () => {
    const { group, machine, given, files } = planned(recorded.debian12, false);
    const calls = [...createSteps(machine, group, true, files), ...openGroupSteps(group)].map(spellCall);
    expect([given(OWNER), calls.filter((call) => call.includes("own"))]).toEqual([[], []]);
  });
});
