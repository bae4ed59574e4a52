import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { BPF, CLONE, O, openStep, perform, unshareStep } from "../../src/01-syscalls/index.ts";
import { privateRootSteps } from "../../src/02-rootfs/index.ts";
import { children } from "../../src/04-cgroups/group.ts";
import {
  cgroupMountSteps,
  DEFAULT_DEVICE_RULES,
  deviceRuleSteps,
  findMachine,
  freezeGroup,
  type Group,
  groupPids,
  isFrozen,
  killGroup,
  limitSteps,
  limitsForUpdate,
  listGroups,
  type Machine,
  oomKills,
  PARENT,
  planGroup,
  type Resources,
  readPressure,
  readStats,
  removeGroup,
  removeParents,
  thawGroup,
  widenGroup,
} from "../../src/04-cgroups/index.ts";
import { needs } from "../support/needs.ts";
import { type Contained, runIn, startIn, stepsOf, sweep } from "./contained.ts";
import { randomRules } from "./random-rules.ts";

const MB = 1024 * 1024;
const here = findMachine();
const v1Alone: Machine = { ...here, bases: here.bases.filter(({ version }) => version === 1) };

let groups: Group[] = [];
let running: Contained[] = [];

/** All devices are allowed unless `resources` says otherwise. */
function limited(machine: Machine, resources: Resources = {}): Group {
  const id = `test-${process.pid}-${groups.length}`;
  const plan = planGroup({ id, machine, resources: { devices: [{ allow: true }], ...resources } });
  groups.push(plan.group);
  perform(stepsOf(machine, plan));
  return plan.group;
}

function start(...args: Parameters<typeof startIn>): Contained {
  const contained = startIn(...args);
  running.push(contained);
  return contained;
}

afterEach(async () => {
  for (const group of groups) await sweep(group);
  for (const contained of running) contained.end();
  removeParents(here);
  groups = [];
  running = [];
});

const USE_DEVICES = "head -c 1 /dev/kmsg; head -c 3 /dev/zero | wc -c; echo gone > /dev/null && echo ok";

/** Waits until the program has said so. */
async function said(contained: Contained, text: string): Promise<void> {
  while (!contained.output().includes(text)) await sleep(10);
}

const kinds: [string, Machine, object][] = [
  ["the hierarchies this machine has", here, {}],
  ["v1 alone", v1Alone, needs("cgroup1")],
];

describe.each(kinds)("in %s", (_, machine, options) => {
  describe("a container", options, () => {
    test("is in its group before its first instruction, in every hierarchy", async () => {
      const group = limited(machine);
      const { output } = runIn(group, "exec cat /proc/self/cgroup");
      const lines = output.split("\n").filter((line) => line.endsWith(group.path));
      expect(lines).toHaveLength(group.directories.length);
      expect(lines.length).toBeGreaterThan(0);
    });

    test("is in it also where its process is nobody on the host", () => {
      const group = limited(machine);
      const { output } = runIn(group, "id -u; cat /proc/self/cgroup", { flags: CLONE.NEWUSER });
      expect(output).toMatch(/^65534\n/);
      expect(output.split(group.path)).toHaveLength(group.directories.length + 1);
    });

    test("ends its own fork bomb at the limit", async () => {
      const group = limited(machine, { pids: { limit: 5 } });
      const { output } = runIn(group, 'for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; echo "no end"');
      expect(output).toMatch(/fork|Resource temporarily unavailable/i);
      expect(output).not.toContain("no end");
      expect(groupPids(group).length).toBeLessThan(5);
    });

    test("is killed where it wants more memory than its limit, and the group knows why", async () => {
      const group = limited(machine, { memory: { limit: 16 * MB, swap: 16 * MB } });
      expect(oomKills(group)).toBe(0);
      // Should the limit not hold, the other one does, and the machine lives.
      expect(runIn(group, "ulimit -v 500000; exec tail /dev/zero").exitCode).toBe(137);
      expect(oomKills(group)).toBe(1);
    });

    test("is stopped in each period when its quota is used up", async () => {
      const group = limited(machine, { cpu: { quota: 5_000, period: 100_000 } });
      start(group, "while :; do :; done");
      while (readStats(group).cpu!.throttledPeriods < 3) await sleep(20);
      // Who has no quota is never stopped. It runs a twentieth of the time, or, where the host takes processors away, some more.
      const { usageNs, throttledNs } = readStats(group).cpu!;
      expect(usageNs).toBeLessThan(throttledNs);
    });

    test("runs on the processors it was given", async () => {
      const group = limited(machine, { cpu: { cpus: "0" } });
      expect(runIn(group, "grep Cpus_allowed_list /proc/self/status").output).toMatch(/:\s+0$/m);
    });

    test("can't open a device that isn't on its list, and can use those that are", async () => {
      const group = limited(machine, { devices: DEFAULT_DEVICE_RULES });
      const { output } = runIn(
        group,
        "head -c 1 /dev/kmsg; head -c 3 /dev/zero | wc -c; echo gone > /dev/null && echo ok",
      );
      expect(output).toContain("Operation not permitted");
      expect(output).toMatch(/^3\nok$/m);
    });

    test("is counted: memory, processor time, processes", async () => {
      const group = limited(machine, { pids: { limit: 50 }, memory: { limit: 64 * MB } });
      await said(start(group, "sleep 60 & echo up; wait"), "up");
      const { memory, cpu, pids } = readStats(group);
      expect(pids).toEqual({ current: 2, limit: 50 });
      expect(memory).toMatchObject({ limitBytes: 64 * MB });
      expect(memory!.usedBytes).toBeGreaterThan(0);
      expect(cpu!.usageNs).toBeGreaterThan(0);
      expect(cpu!.usageNs).toBeLessThan(60e9);
    });

    test("stands still while frozen and goes on when thawed", async () => {
      const group = limited(machine);
      const counter = start(group, "i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done");
      await said(counter, "2");
      await freezeGroup(group);
      expect(isFrozen(group)).toBe(true);
      const still = counter.output();
      await sleep(100);
      expect(counter.output()).toBe(still);
      thawGroup(group);
      while (counter.output() === still) await sleep(10);
      expect(isFrozen(group)).toBe(false);
    });

    test("ends with all it has started, even while that makes more", async () => {
      const group = limited(machine);
      const spread = "spread() { while :; do sleep 0.2 & sleep 0.002; done; }";
      await said(start(group, `trap '' TERM; ${spread}; spread & spread & echo up; spread`), "up");
      await killGroup(group);
      expect(groupPids(group)).toEqual([]);
    });

    test("can be killed while frozen", async () => {
      const group = limited(machine);
      await said(start(group, "echo up; sleep 60"), "up");
      await freezeGroup(group);
      await killGroup(group);
      expect(groupPids(group)).toEqual([]);
    });

    test("leaves no group behind, nor those it made itself", async () => {
      const group = limited(machine);
      for (const { directory } of group.directories) mkdirSync(`${directory}/its-own/deeper`, { recursive: true });
      await removeGroup(group);
      expect(group.directories.filter(({ directory }) => existsSync(directory))).toEqual([]);
      await removeGroup(group);
    });

    test("that still runs is not removed: its processes are named", async () => {
      const group = limited(machine);
      const { pid } = start(group, "sleep 60");
      await expect(removeGroup(group, 50)).rejects.toThrow(String(pid));
      expect(groupPids(group)).toContain(pid);
    });

    test("gets new limits while it runs, larger and smaller", async () => {
      const group = limited(machine, { memory: { limit: 32 * MB, swap: 64 * MB } });
      await said(start(group, "echo up; sleep 60"), "up");
      for (const limit of [128 * MB, 16 * MB]) {
        const { settings } = limitsForUpdate(group, { memory: { limit, swap: 2 * limit } }, machine);
        perform(limitSteps(group, settings));
        expect(readStats(group).memory?.limitBytes).toBe(limit);
      }
    });

    test("gets a limit of a kind it had none of, and all its processes with it", async () => {
      const group = limited(machine);
      await said(start(group, "sleep 60 & echo up; wait"), "up");
      const pids = groupPids(group);
      const { settings } = limitsForUpdate(group, { cpu: { quota: 50_000, cpus: "0" } }, machine);
      const wider = await widenGroup(group, settings, machine);
      groups.push(wider);
      perform(limitSteps(wider, settings));
      expect(groupPids(wider)).toEqual(pids);
      for (const { directory } of wider.directories) {
        expect(readFileSync(`${directory}/cgroup.procs`, "utf8").trim().split("\n").map(Number), directory).toEqual(
          pids,
        );
      }
      expect(readFileSync(`/proc/${pids[1]}/status`, "utf8")).toMatch(/^Cpus_allowed_list:\s+0$/m);
      expect(isFrozen(wider)).toBe(false);
    });
  });
});

describe("a container's view of its groups", () => {
  const mount = { destination: "/sys/fs/cgroup", type: "cgroup", options: ["ro", "nosuid", "nodev", "noexec"] };

  function look(group: Group, script: string, isPrivate = true): string {
    const inside = [
      ...privateRootSteps(),
      ...(isPrivate ? [unshareStep({ flags: CLONE.NEWCGROUP, why: "its group is its root" })] : []),
      openStep({ path: "/", flags: O.PATH | O.DIRECTORY, as: "rootfs", why: "the root to mount in" }),
      ...cgroupMountSteps(mount, group, isPrivate),
    ];
    return runIn(group, script, { flags: CLONE.NEWNS, inside }).output;
  }

  test("begins at its own group: its own limit is at the top", async () => {
    const group = limited(here, { pids: { limit: 77 } });
    expect(look(group, "cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null")).toBe("77\n");
  });

  test("has the hierarchies it is in, and of no other the host's", async () => {
    const group = limited(here);
    const mounts = look(group, "grep ' ro,.* - cgroup' /proc/self/mountinfo").trim().split("\n");
    expect(mounts).toHaveLength(group.directories.length);
    expect(mounts.filter((line) => line.split(" ")[3] !== "/")).toEqual([]);
    // The shell, find, xargs and cat; the host has hundreds.
    expect(look(group, "find /sys/fs/cgroup -name cgroup.procs | xargs cat | sort -u | wc -l")).toMatch(/^[2-6]\n$/);
  });

  test("can't be written, nor anything be added to it", async () => {
    const group = limited(here, { pids: { limit: 77 } });
    const tries =
      "cd /sys/fs/cgroup; for at in . pids; do [ -d $at ] || continue; mkdir $at/new; echo max > $at/pids.max; done";
    const output = look(group, `${tries}; ls -d new pids/new`);
    expect(output).toMatch(/Read-only file system/);
    expect(output).not.toMatch(/^(pids\/)?new$/m);
    expect(readStats(group).pids?.limit).toBe(77);
  });

  test("is the host's where it shares the host's namespace, and as little writable", async () => {
    const group = limited(here);
    const output = look(group, `find /sys/fs/cgroup -path '*${group.path}' -type d; mkdir /sys/fs/cgroup/new`, false);
    expect(output).toContain(group.path);
    expect(output).toMatch(/Read-only file system/);
  });
});

describe("our groups", () => {
  test("are never somebody else's: a second one under one name is refused", () => {
    const group = limited(here);
    const plan = planGroup({ id: group.path.split("/").at(-1)!, machine: here });
    expect(() => perform(stepsOf(here, plan))).toThrow("EEXIST");
  });

  test("are listed until they are removed", async () => {
    const group = limited(here);
    expect(listGroups(here)).toContain(group.path.split("/").at(-1));
    await removeGroup(group);
    expect(listGroups(here)).not.toContain(group.path.split("/").at(-1));
  });

  test("keep their common parent only as long as one is in it", async () => {
    const kept = () => here.bases.map(({ directory }) => `${directory}/${PARENT}`).filter(existsSync);
    const group = limited(here);
    removeParents(here);
    expect(kept().length).toBeGreaterThanOrEqual(group.directories.length);
    await removeGroup(group);
    removeParents(here);
    expect(kept().filter((parent) => children(parent).length === 0)).toEqual([]);
  });
});

describe("another process of a running container", () => {
  test("gets in where the container's first process has moved further in, and only there", async () => {
    const base = here.bases.find(({ version }) => version === 2)!;
    const controller = base.controllers.find((name) => ["memory", "hugetlb"].includes(name))!;
    const pageSize = readdirSync("/sys/kernel/mm/hugepages")[0]!;
    const resources = controller === "hugetlb" ? { hugepageLimits: [{ pageSize: sizeName(pageSize), limit: 0 }] } : {};
    const group = limited(here, resources);
    const directory = group.directories.find(({ version }) => version === 2)!.directory;
    const first = start(
      group,
      `cd ${directory}; mkdir init; echo 0 > init/cgroup.procs; echo +${controller} > cgroup.subtree_control; echo in; sleep 60`,
    );
    await said(first, "in");
    expect(() => startIn(group, "true")).toThrow("EBUSY");
    expect(runIn(group, "cat /proc/self/cgroup", { firstPid: first.pid }).output).toContain(`${group.path}/init`);
  });
});

/** `hugepages-2048kB` → `2MB`, as cgroup files are named. */
function sizeName(folder: string): string {
  const kB = Number(/\d+/.exec(folder));
  return kB >= 1024 * 1024 ? `${kB / 1024 / 1024}GB` : `${kB / 1024}MB`;
}

describe("a device program", () => {
  const machine = { ...here, bases: here.bases.filter(({ controllers }) => !controllers.includes("devices")) };

  test("keeps out what the rules keep out", async () => {
    const group = limited(machine, { devices: DEFAULT_DEVICE_RULES });
    const { output } = runIn(group, USE_DEVICES);
    expect(output).toContain("Operation not permitted");
    expect(output).toMatch(/^3\nok$/m);
  });

  test("is taken by the kernel's verifier, whatever the rules are", async () => {
    const group = limited(machine);
    for (const rules of [[{ allow: false }], ...randomRules(40)]) {
      // A group takes 64 programs.
      const load = deviceRuleSteps(group, rules).filter(({ args }) => args[0] !== BPF.PROG_ATTACH);
      expect(() => perform(load), JSON.stringify(rules)).not.toThrow();
    }
  });
});

describe("pressure", () => {
  test("is told, or why not", async () => {
    const group = limited(here);
    const pressure = readPressure(group);
    if (existsSync("/proc/pressure")) expect(pressure).toHaveProperty("cpu.some.totalUs");
    else expect(pressure).toHaveProperty("unavailable");
  });
});
