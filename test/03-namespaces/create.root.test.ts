import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLONE } from "../../src/01-syscalls/index.ts";
import {
  cgroupNamespaceSteps,
  cloneFlags,
  hostnameSteps,
  KINDS,
  loopbackSteps,
  type NamespaceType,
  sharedKinds,
  timeInsideSteps,
  timeSteps,
} from "../../src/03-namespaces/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";

describe("cloneFlags", () => {
  const sharedWithChild = (types: NamespaceType[]) => {
    let shared: NamespaceType[] = [];
    const beforeGo = (pid: number) => {
      shared = sharedKinds("self", pid);
    };
    runPlan({ flags: cloneFlags(types.map((type) => ({ type }))), inside: [shell("true")], beforeGo });
    return shared;
  };

  test("the child is in new namespaces of the kinds asked for, and in ours of all others", () => {
    expect(sharedWithChild([])).toEqual(KINDS.map(({ type }) => type));
    expect(sharedWithChild(["uts", "ipc"])).not.toContain("uts");
    expect(sharedWithChild(["uts", "ipc"])).toContain("network");
    expect(sharedWithChild(["mount", "pid", "network", "ipc", "uts", "user"])).toEqual(["cgroup", "time"]);
  });
});

test("hostnameSteps: a new name, which the host never hears of", () => {
  const before = hostname();
  const inside = [...hostnameSteps("größe", "example"), shell("uname -n; cat /proc/sys/kernel/domainname")];
  expect(runPlan({ flags: CLONE.NEWUTS, inside }).stdout).toBe("größe\nexample\n");
  expect(hostname()).toBe(before);
});

test("loopbackSteps: lo answers, and didn't before", () => {
  const hasLocalhost = shell("grep -c 127.0.0.1 /proc/self/net/fib_trie; grep -c . /proc/self/net/if_inet6");
  const flags = CLONE.NEWNET;
  expect(runPlan({ flags, inside: [hasLocalhost] }).stdout).toBe("0\n0\n");
  const [four, six] = runPlan({ flags, inside: [...loopbackSteps(), hasLocalhost] })
    .stdout.split("\n")
    .map(Number);
  expect(four).toBeGreaterThan(0);
  expect(six).toBe(existsSync("/proc/net/if_inet6") ? 1 : 0);
});

describe("time", needs("timens"), () => {
  const DAY = 86_400;
  const offsets = { boottime: { secs: DAY }, monotonic: { secs: DAY } };
  const uptime = shell("cat /proc/uptime");
  const daysUp = (stdout: string) => (Number.parseFloat(stdout) - ownUptime()) / DAY;
  const ownUptime = () => Number.parseFloat(readFileSync("/proc/uptime", "utf8"));

  test("timeSteps: the child's machine has been up a day longer; ours has not", () => {
    expect(daysUp(runPlan({ before: timeSteps(offsets), inside: [uptime] }).stdout)).toBeCloseTo(1, 2);
    expect(daysUp(runPlan({ inside: [uptime] }).stdout)).toBeCloseTo(0, 2);
  });

  test("timeInsideSteps: so has that of a process which entered its own", needs("userns"), () => {
    const inside = [...timeInsideSteps(offsets), uptime];
    expect(daysUp(runPlan({ flags: CLONE.NEWUSER, inside }).stdout)).toBeCloseTo(1, 2);
  });
});

describe("cgroupNamespaceSteps", () => {
  // The pids controller on v1 and hybrid machines, the one tree on v2.
  const tree = existsSync("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
  const parent = join(tree, "mini-docker");
  const folder = join(parent, `namespace-${process.pid}`);
  const line = shell("grep -E ':pids:|^0::' /proc/self/cgroup | head -1 | cut -d: -f3");
  let madeParent = false;

  beforeAll(() => {
    madeParent = !existsSync(parent);
    mkdirSync(folder, { recursive: true });
  });
  afterAll(() => {
    rmdirSync(folder);
    if (madeParent) rmdirSync(parent);
  });

  test("once it is placed, the process's cgroup is the top of its tree", () => {
    const beforeGo = (pid: number) => writeFileSync(join(folder, "cgroup.procs"), `${pid}`);
    expect(runPlan({ inside: [line], beforeGo }).stdout.trim()).toMatch(/\/namespace-\d+$/);
    expect(runPlan({ inside: [...cgroupNamespaceSteps(), line], beforeGo }).stdout).toBe("/\n");
  });
});
