import { describe, expect, test } from "vitest";
import { findMachine, type Machine, parseHierarchies } from "../../src/04-cgroups/index.ts";
import { whyWithout } from "../../src/04-cgroups/machine.ts";
import * as recorded from "./recorded.ts";

const machineOf = (machine: recorded.Recorded) => findMachine(recorded.filesOf(machine));
const why = (machine: recorded.Recorded, controller: string) =>
  whyWithout(machineOf(machine), controller, controller, recorded.filesOf(machine));
const summary = ({ bases }: Machine) =>
  bases.map(({ version, directory, controllers }) => `v${version} ${directory}: ${controllers.join(" ")}`);

describe("parseHierarchies", () => {
  test("finds the one v2 tree, and our own place in it", () => {
    const { mountinfo, cgroup } = recorded.debian12;
    expect(parseHierarchies(mountinfo, cgroup)).toEqual([
      { version: 2, controllers: [], mountPoint: "/sys/fs/cgroup", own: "/user.slice/user-0.slice/session-1.scope" },
    ]);
  });

  test("knows controllers that share a hierarchy by /proc/self/cgroup, whatever other options the mount has", () => {
    const { mountinfo, cgroup } = recorded.centos7;
    const shared = parseHierarchies(mountinfo, cgroup).find(({ controllers }) => controllers.length > 1);
    expect(shared).toEqual({
      version: 1,
      controllers: ["cpuacct", "cpu"],
      mountPoint: "/sys/fs/cgroup/cpu,cpuacct",
      own: "/user.slice",
    });
  });

  test("leaves out systemd's own v1 tree, which has no controllers", () => {
    const { mountinfo, cgroup } = recorded.hybrid;
    const points = parseHierarchies(mountinfo, cgroup).map(({ mountPoint }) => mountPoint);
    expect(points).not.toContain("/sys/fs/cgroup/systemd");
    expect(points).toHaveLength(9);
  });

  test("counts our own place from what the mount shows, where it shows only a part", () => {
    const { mountinfo, cgroup } = recorded.v1Container;
    const pids = parseHierarchies(mountinfo, cgroup).find(({ controllers }) => controllers.includes("pids"));
    expect(pids?.own).toBe("/init");
  });

  test("prefers the mount that shows our own group, then a writable one; and reads escaped spaces", () => {
    const mountinfo = [
      "50 1 0:26 /other /other rw - cgroup2 none rw",
      "51 1 0:26 / /a\\040b ro - cgroup2 none rw",
      "52 1 0:26 / /c\\040d rw - cgroup2 none rw",
    ].join("\n");
    expect(parseHierarchies(mountinfo, "0::/mine")).toMatchObject([{ mountPoint: "/c d", own: "/mine" }]);
  });

  test("sees the later of two mounts on one point, as the kernel does", () => {
    const mountinfo = "50 1 0:26 / /c rw - cgroup2 none rw\n51 50 0:26 /inner /c rw - cgroup2 none rw";
    expect(parseHierarchies(mountinfo, "0::/inner/x")).toMatchObject([{ mountPoint: "/c", own: "/x" }]);
  });

  test("takes no mount for our own group's because the names begin alike", () => {
    const mountinfo = "50 1 0:26 /docker/3f /c rw - cgroup2 none rw";
    expect(parseHierarchies(mountinfo, "0::/docker/3f2a/x")).toMatchObject([{ own: "" }]);
  });

  test("finds nothing where nothing is mounted", () => {
    expect(parseHierarchies("28 1 254:1 / / rw - ext4 /dev/vda1 rw", "0::/\n")).toEqual([]);
  });
});

describe("findMachine", () => {
  test("root on v2 begins at the root, with all controllers", () => {
    expect(summary(machineOf(recorded.debian12))).toEqual([
      "v2 /sys/fs/cgroup: cpuset cpu io memory hugetlb pids rdma misc",
    ]);
  });

  test("an ordinary user begins at the highest group that is theirs, with what was delegated", () => {
    expect(summary(machineOf(recorded.debian12User))).toEqual([
      "v2 /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service: memory pids",
    ]);
  });

  test("a controller that was not delegated is told from one that is not there", () => {
    expect(why(recorded.debian12User, "cpu").why).toContain("user@1000.service was delegated without it");
    expect(why(recorded.debian12User, "net_cls").why).toBe("no mounted hierarchy has it");
  });

  test("an ordinary user without a group of their own has no place, and is told how to get one", () => {
    const machine = { ...recorded.debian12, writable: [] };
    expect(machineOf(machine).bases).toEqual([]);
    expect(why(machine, "memory")).toMatchObject({
      why: "no group below /sys/fs/cgroup is ours to write",
      hint: expect.stringContaining("Delegate=yes"),
    });
  });

  test("a hybrid machine has both, each with its own controllers", () => {
    const lines = summary(machineOf(recorded.hybrid));
    expect(lines).toContain("v2 /sys/fs/cgroup/unified: hugetlb");
    expect(lines).toContain("v1 /sys/fs/cgroup/memory: memory");
    expect(lines).toHaveLength(9);
  });

  test("a container's top is not the root: with processes in it, it has no controllers to give", () => {
    expect(summary(machineOf(recorded.privilegedContainer))).toEqual(["v2 /sys/fs/cgroup: "]);
    expect(why(recorded.privilegedContainer, "memory").hint).toContain("init/cgroup.procs");
  });

  test("the same container has them all once its processes have moved down", () => {
    const files = { ...recorded.privilegedContainer.files, "/sys/fs/cgroup/cgroup.procs": "" };
    const machine = machineOf({ ...recorded.privilegedContainer, cgroup: "0::/init", files });
    expect(summary(machine)).toEqual(["v2 /sys/fs/cgroup: cpuset cpu io memory hugetlb pids"]);
  });

  test("inside a v1 container only the hierarchies it may write count", () => {
    expect(summary(machineOf(recorded.v1Container))).toEqual(["v1 /sys/fs/cgroup/pids: pids"]);
    expect(why(recorded.v1Container, "memory").why).toContain("/sys/fs/cgroup/memory");
  });
});
