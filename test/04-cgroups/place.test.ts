import { describe, expect, test } from "vitest";
import { type Ref, type Step, spellCall, UserError } from "../../src/01-syscalls/index.ts";
import {
  cgroupMountSteps,
  createSteps,
  enterGroupSteps,
  findMachine,
  type Group,
  groupPath,
  limitSteps,
  openGroupSteps,
  placeGroup,
  planGroup,
} from "../../src/04-cgroups/index.ts";
import * as recorded from "./recorded.ts";

const machineOf = (machine: recorded.Recorded) => findMachine(recorded.filesOf(machine));
const spell = (steps: Step[]) => steps.map(spellCall);
const directories = (group: Group) => group.directories.map(({ directory }) => directory);

function created(machine: recorded.Recorded, needs: string[] = []): string[] {
  const group = placeGroup(machineOf(machine), "/mini-docker/x", needs);
  return spell(createSteps(machineOf(machine), group, true, recorded.filesOf(machine)));
}

describe("groupPath", () => {
  test("is below one parent of ours, unless somebody says otherwise", () => {
    expect(groupPath("3f2a", undefined)).toBe("/mini-docker/3f2a");
    expect(groupPath("3f2a", "pod7/web")).toBe("/mini-docker/pod7/web");
    expect(groupPath("3f2a", "/kubepods/pod7/web")).toBe("/kubepods/pod7/web");
  });

  test("can't lead out of where it belongs", () => {
    expect(groupPath("3f2a", "../../other")).toBe("/mini-docker/other");
    expect(groupPath("3f2a", "/../../other")).toBe("/other");
  });

  test.each(["/", "/..", "/mini-docker", "..", "/mini-docker/x/.."])("refuses %s, which holds other groups", (path) => {
    expect(() => groupPath("3f2a", path)).toThrow(UserError);
  });

  test("refuses what only systemd could make", () => {
    expect(() => groupPath("3f2a", "system.slice:docker:3f2a")).toThrow("systemd");
  });
});

describe("placeGroup", () => {
  const placed = (machine: recorded.Recorded, needs: string[] = []) =>
    directories(placeGroup(machineOf(machine), "/mini-docker/x", needs));

  test("on hybrid joins the v2 tree, memory and pids, and what is needed besides", () => {
    expect(placed(recorded.hybrid).sort()).toEqual([
      "/sys/fs/cgroup/memory/mini-docker/x",
      "/sys/fs/cgroup/pids/mini-docker/x",
      "/sys/fs/cgroup/unified/mini-docker/x",
    ]);
    expect(placed(recorded.hybrid, ["cpu"])).toContain("/sys/fs/cgroup/cpu/mini-docker/x");
  });

  test("on v1 alone also joins freezer and cpuacct, which v2 would stand in for", () => {
    expect(placed(recorded.centos7).sort()).toEqual([
      "/sys/fs/cgroup/cpu,cpuacct/mini-docker/x",
      "/sys/fs/cgroup/freezer/mini-docker/x",
      "/sys/fs/cgroup/memory/mini-docker/x",
      "/sys/fs/cgroup/pids/mini-docker/x",
    ]);
  });

  test("as an ordinary user stays in the delegated part, or has no directory at all", () => {
    expect(placed(recorded.debian12User)).toEqual([
      "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/mini-docker/x",
    ]);
    expect(placed({ ...recorded.debian12, writable: [] })).toEqual([]);
  });
});

describe("createSteps", () => {
  test("on v2 switches controllers on from above, before the group is made", () => {
    expect(created(recorded.debian12, ["hugetlb"])).toMatchInlineSnapshot(`
      [
        "openat(AT_FDCWD, "/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY|O_CLOEXEC, 0)",
        "write($subtree, "+hugetlb", 8)",
        "close($subtree)",
        "mkdirat(AT_FDCWD, "/sys/fs/cgroup/mini-docker", 0755)",
        "openat(AT_FDCWD, "/sys/fs/cgroup/mini-docker/cgroup.subtree_control", O_WRONLY|O_CLOEXEC, 0)",
        "write($subtree, "+io +memory +hugetlb +pids", 26)",
        "close($subtree)",
        "mkdirat(AT_FDCWD, "/sys/fs/cgroup/mini-docker/x", 0755)",
      ]
    `);
  });

  test("on v2 leaves the root alone where all is switched on already", () => {
    expect(created(recorded.debian12).join("\n")).not.toContain('"/sys/fs/cgroup/cgroup.subtree_control"');
  });

  test("on v1 fills an empty cpuset from above, as nothing could run in it", () => {
    expect(created(recorded.centos7, ["cpuset"]).filter((call) => call.includes("cpuset"))).toMatchInlineSnapshot(`
      [
        "mkdirat(AT_FDCWD, "/sys/fs/cgroup/cpuset/mini-docker", 0755)",
        "mkdirat(AT_FDCWD, "/sys/fs/cgroup/cpuset/mini-docker/x", 0755)",
        "openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/mini-docker/cpuset.cpus", O_WRONLY|O_CLOEXEC, 0)",
        "openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/mini-docker/x/cpuset.cpus", O_WRONLY|O_CLOEXEC, 0)",
        "openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/mini-docker/cpuset.mems", O_WRONLY|O_CLOEXEC, 0)",
        "openat(AT_FDCWD, "/sys/fs/cgroup/cpuset/mini-docker/x/cpuset.mems", O_WRONLY|O_CLOEXEC, 0)",
      ]
    `);
  });

  test("on v1 keeps a cpuset that somebody filled, and hands that on", () => {
    const files = { ...recorded.centos7.files, "/sys/fs/cgroup/cpuset/pods/cpuset.cpus": "2" };
    const machine = { ...recorded.centos7, files };
    const group = placeGroup(machineOf(machine), "/pods/x", ["cpuset"]);
    const steps = spell(createSteps(machineOf(machine), group, false, recorded.filesOf(machine)));
    expect(steps.join("\n")).not.toContain("/cpuset/pods/cpuset.cpus");
    expect(steps[steps.findIndex((call) => call.includes("/pods/x/cpuset.cpus")) + 1]).toBe(
      'write($inherited, "2", 1)',
    );
  });

  test("takes a group of our own that exists for a mistake, one that a caller named for theirs", () => {
    const machine = machineOf(recorded.debian12);
    const group = placeGroup(machine, "/mini-docker/x", []);
    expect(createSteps(machine, group, true).at(-1)?.allow).toBeUndefined();
    expect(createSteps(machine, group, false).at(-1)?.allow).toEqual(["EEXIST"]);
  });
});

describe("getting in", () => {
  test("on v2 clone3 is told where, on v1 the child moves itself, by what was opened before it was made", () => {
    const group = placeGroup(machineOf(recorded.hybrid), "/mini-docker/x", []);
    expect(spell(openGroupSteps(group))).toMatchInlineSnapshot(`
      [
        "openat(AT_FDCWD, "/sys/fs/cgroup/pids/mini-docker/x/tasks", O_WRONLY|O_CLOEXEC, 0)",
        "openat(AT_FDCWD, "/sys/fs/cgroup/memory/mini-docker/x/tasks", O_WRONLY|O_CLOEXEC, 0)",
        "openat(AT_FDCWD, "/sys/fs/cgroup/unified/mini-docker/x", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
      ]
    `);
    expect(spell(enterGroupSteps(group))).toMatchInlineSnapshot(`
      [
        "write($pids-tasks, "0", 1)",
        "close($pids-tasks)",
        "write($memory-tasks, "0", 1)",
        "close($memory-tasks)",
      ]
    `);
  });

  test("leaves none of the lists open", () => {
    const group = placeGroup(machineOf(recorded.centos7), "/mini-docker/x", ["cpu"]);
    const opened = openGroupSteps(group).map((step) => step.as);
    const closed = enterGroupSteps(group).flatMap(({ call, args }) => (call === "close" ? [(args[0] as Ref).reg] : []));
    expect(closed).toEqual(opened);
  });

  test("takes no step for a container without a group", () => {
    const none = { path: "/x", directories: [] };
    expect([...openGroupSteps(none), ...enterGroupSteps(none)]).toEqual([]);
  });
});

describe("planGroup", () => {
  const request = (machine: recorded.Recorded) => ({ id: "3f2a", machine: machineOf(machine) });

  test("refuses a limit it can't keep before anything is made", () => {
    expect(() => planGroup({ ...request(recorded.v1Container), resources: { memory: { limit: 1e8 } } })).toThrow(
      UserError,
    );
  });

  test("gives every container Docker's devices, and a privileged one all", () => {
    expect(planGroup(request(recorded.hybrid)).deviceRules.length).toBeGreaterThan(10);
    expect(directories(planGroup(request(recorded.hybrid)).group).join()).toContain("/devices/");
    const privileged = planGroup({ ...request(recorded.hybrid), resources: { devices: [{ allow: true }] } });
    expect(privileged.deviceRules).toEqual([]);
    expect(directories(privileged.group).join()).not.toContain("/devices/");
  });

  test("leaves devices alone where we are not the host's root: a user, or root in a user namespace", () => {
    const mapped = { ...recorded.hybrid, files: { ...recorded.hybrid.files, "/proc/self/uid_map": "0 100000 65536" } };
    expect(planGroup(request(mapped)).deviceRules).toEqual([]);
    expect(planGroup(request(recorded.debian12User)).deviceRules).toEqual([]);
  });

  test("writes each limit into the group's own file", () => {
    const { group, settings } = planGroup({ ...request(recorded.debian12), resources: { pids: { limit: 9 } } });
    expect(spell(limitSteps(group, settings))).toMatchInlineSnapshot(`
      [
        "openat(AT_FDCWD, "/sys/fs/cgroup/mini-docker/3f2a/pids.max", O_WRONLY|O_CLOEXEC, 0)",
        "write($limit, "9", 1)",
        "close($limit)",
      ]
    `);
  });
});

describe("cgroupMountSteps", () => {
  const mount = { destination: "/sys/fs/cgroup", type: "cgroup", options: ["ro", "nosuid", "nodev", "noexec"] };
  const group = (machine: recorded.Recorded, ...needs: string[]) =>
    placeGroup(machineOf(machine), "/mini-docker/x", needs);

  test("on v2 is one mount", () => {
    expect(spell(cgroupMountSteps(mount, group(recorded.debian12)))).toMatchInlineSnapshot(`
      [
        "fsopen("cgroup2", FSOPEN_CLOEXEC)",
        "fsconfig($fs, FSCONFIG_SET_STRING, "source", "cgroup2", 0)",
        "fsconfig($fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)",
        "fsmount($fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)",
        "mkdirat($rootfs, "sys", 0755)",
        "openat2($rootfs, "/sys", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)",
        "mkdirat($target, "fs", 0755)",
        "openat2($rootfs, "/sys/fs", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)",
        "mkdirat($target, "cgroup", 0755)",
        "openat2($rootfs, "/sys/fs/cgroup", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)",
        "move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)",
      ]
    `);
  });

  test("on v1 shows each hierarchy under its name, and under its controllers'", () => {
    const steps = spell(cgroupMountSteps(mount, group(recorded.centos7)));
    expect(steps.filter((call) => /"(cpu|cpuacct|cpu,cpuacct)"/.test(call))).toMatchInlineSnapshot(`
      [
        "fsconfig($fs, FSCONFIG_SET_FLAG, "cpuacct", NULL, 0)",
        "fsconfig($fs, FSCONFIG_SET_FLAG, "cpu", NULL, 0)",
        "mkdirat($target, "cpu,cpuacct", 0755)",
        "symlinkat("cpu,cpuacct", $target, "cpuacct")",
        "symlinkat("cpu,cpuacct", $target, "cpu")",
      ]
    `);
    expect(steps.at(-1)).toContain("MOUNT_ATTR_RDONLY");
  });

  test("never makes a new mount in the host's namespace: that would change the host's options", () => {
    const steps = cgroupMountSteps(mount, group(recorded.debian12), false);
    expect(steps.map(({ call }) => call)).not.toContain("fsopen");
    expect(spell(steps)[0]).toContain('open_tree(AT_FDCWD, "/sys/fs/cgroup"');
  });

  test("shows nothing to a container without a group: the mount would show the host's", () => {
    expect(cgroupMountSteps(mount, { path: "/x", directories: [] })).toEqual([]);
  });
});
