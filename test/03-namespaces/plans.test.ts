import { expect, test } from "vitest";
import { CLONE, type Step, spellCall } from "../../src/01-syscalls/index.ts";
import {
  becomeRootSteps,
  cgroupNamespaceSteps,
  cloneFlags,
  hostnameSteps,
  joinBeforeSteps,
  joinInsideSteps,
  joinProcessSteps,
  KINDS,
  loopbackSteps,
  type Namespace,
  oneIdMap,
  ordinaryUser,
  timeInsideSteps,
  timeSteps,
  userMapSteps,
} from "../../src/03-namespaces/index.ts";

const spell = (steps: Step[]) => `\n${steps.map(spellCall).join("\n")}\n`;

test("cloneFlags: all new kinds but the two that clone3 would make too early", () => {
  const namespaces = KINDS.map(({ type }) => ({ type }));
  const { NEWNS, NEWPID, NEWNET, NEWIPC, NEWUTS, NEWUSER } = CLONE;
  expect(cloneFlags(namespaces)).toBe(NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS | NEWUSER);
  expect(cloneFlags([{ type: "pid" }, { type: "network", path: "/run/netns/a" }])).toBe(NEWPID);
});

test("cloneFlags: a kind that is none, or is named twice, is the user's mistake", () => {
  const wrong = [{ type: "cpu" }] as unknown as Namespace[];
  expect(() => cloneFlags(wrong)).toThrow('no kind of namespace is called "cpu"');
  expect(() => cloneFlags([{ type: "pid" }, { type: "pid", path: "/x" }])).toThrow("the pid namespace is listed twice");
});

test("cgroupNamespaceSteps", () => {
  expect(spell(cgroupNamespaceSteps())).toMatchInlineSnapshot(`
    "
    unshare(CLONE_NEWCGROUP)
    "
  `);
});

test("timeSteps: offsets are written between unshare and whoever enters", () => {
  const offsets = { monotonic: { secs: 100 }, boottime: { secs: -5, nanosecs: 7 } };
  expect(spell(timeSteps(offsets))).toMatchInlineSnapshot(`
    "
    unshare(CLONE_NEWTIME)
    openat(AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY|O_CLOEXEC, 0)
    write($offsets, "monotonic 100 0\\nboottime -5 7\\n", 30)
    close($offsets)
    "
  `);
  expect(spell(timeInsideSteps(offsets))).toMatchInlineSnapshot(`
    "
    unshare(CLONE_NEWTIME)
    openat(AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY|O_CLOEXEC, 0)
    write($offsets, "monotonic 100 0\\nboottime -5 7\\n", 30)
    close($offsets)
    openat(AT_FDCWD, "/proc/self/ns/time_for_children", O_RDONLY|O_CLOEXEC, 0)
    setns($time, CLONE_NEWTIME)
    "
  `);
  expect(timeSteps()).toHaveLength(1);
});

test("userMapSteps: root writes the whole map", () => {
  const mappings = [
    { containerID: 0, hostID: 100000, size: 1000 },
    { containerID: 1000, hostID: 500, size: 1 },
  ];
  expect(
    spell(userMapSteps({ uidMappings: mappings, gidMappings: mappings.slice(0, 1) }, true)),
  ).toMatchInlineSnapshot(`
    "
    openat(AT_FDCWD, "/proc/$pid/uid_map", O_WRONLY|O_CLOEXEC, 0)
    write($uid_map, "0 100000 1000\\n1000 500 1\\n", 25)
    close($uid_map)
    openat(AT_FDCWD, "/proc/$pid/gid_map", O_WRONLY|O_CLOEXEC, 0)
    write($gid_map, "0 100000 1000\\n", 14)
    close($gid_map)
    "
  `);
});

test("ordinaryUser: whoever isn't root, as long as there is somebody", () => {
  const [all, some, one] = ["0 0 4294967295", "0 330039296 65536", "0 1000 1"].map((map) => `         ${map}\n`);
  const [root, you] = [
    { uid: 0, gid: 0 },
    { uid: 1017, gid: 100 },
  ];
  expect(ordinaryUser(you, all)).toEqual(you);
  expect(ordinaryUser(root, all)).toEqual({ uid: 1000, gid: 1000 });
  expect(ordinaryUser(root, some)).toEqual({ uid: 1000, gid: 1000 });
  expect(ordinaryUser(root, one)).toEqual(root);
});

test("userMapSteps: an ordinary user writes one id, after giving up setgroups", () => {
  expect(spell(userMapSteps(oneIdMap({ uid: 1000, gid: 100 }), false))).toMatchInlineSnapshot(`
    "
    openat(AT_FDCWD, "/proc/$pid/setgroups", O_WRONLY|O_CLOEXEC, 0)
    write($setgroups, "deny", 4)
    close($setgroups)
    openat(AT_FDCWD, "/proc/$pid/uid_map", O_WRONLY|O_CLOEXEC, 0)
    write($uid_map, "0 1000 1\\n", 9)
    close($uid_map)
    openat(AT_FDCWD, "/proc/$pid/gid_map", O_WRONLY|O_CLOEXEC, 0)
    write($gid_map, "0 100 1\\n", 8)
    close($gid_map)
    "
  `);
});

test("becomeRootSteps", () => {
  expect(spell(becomeRootSteps())).toMatchInlineSnapshot(`
    "
    setgroups(0, NULL)
    setresgid(0, 0, 0)
    setresuid(0, 0, 0)
    "
  `);
});

test("joining: paths are opened first, user decides for the others, mount comes last", () => {
  const namespaces: Namespace[] = [
    { type: "mount", path: "/proc/7/ns/mnt" },
    { type: "pid", path: "/proc/7/ns/pid" },
    { type: "network", path: "/run/netns/a" },
    { type: "user", path: "/proc/7/ns/user" },
    { type: "ipc" },
  ];
  expect(spell(joinBeforeSteps(namespaces, true))).toMatchInlineSnapshot(`
    "
    openat(AT_FDCWD, "/proc/7/ns/mnt", O_RDONLY|O_CLOEXEC, 0)
    openat(AT_FDCWD, "/proc/7/ns/pid", O_RDONLY|O_CLOEXEC, 0)
    openat(AT_FDCWD, "/run/netns/a", O_RDONLY|O_CLOEXEC, 0)
    openat(AT_FDCWD, "/proc/7/ns/user", O_RDONLY|O_CLOEXEC, 0)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    setns($user_ns, CLONE_NEWUSER)
    setns($pid_ns, CLONE_NEWPID)
    "
  `);
  expect(spell(joinInsideSteps(namespaces, true))).toMatchInlineSnapshot(`
    "
    setns($network_ns, CLONE_NEWNET)
    setns($mount_ns, CLONE_NEWNS)
    "
  `);
});

test("joining: an ordinary user's child stays dumpable until its maps are written", () => {
  const namespaces: Namespace[] = [{ type: "user" }, { type: "network", path: "/run/netns/a" }];
  expect(spell(joinBeforeSteps(namespaces, false))).toMatchInlineSnapshot(`
    "
    openat(AT_FDCWD, "/run/netns/a", O_RDONLY|O_CLOEXEC, 0)
    "
  `);
  expect(spell(joinInsideSteps(namespaces, false))).toMatchInlineSnapshot(`
    "
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    setns($network_ns, CLONE_NEWNET)
    "
  `);
});

test("joining nothing is no step", () => {
  expect([...joinBeforeSteps([{ type: "pid" }], true), ...joinInsideSteps([{ type: "pid" }], true)]).toEqual([]);
});

test("joinProcessSteps: by descriptor, in two halves around the clone", () => {
  const { before, inside } = joinProcessSteps(42, ["mount", "pid", "uts", "user"]);
  expect(spell(before)).toMatchInlineSnapshot(`
    "
    pidfd_open(42, 0)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    setns($joined, CLONE_NEWUSER|CLONE_NEWPID)
    "
  `);
  expect(spell(inside)).toMatchInlineSnapshot(`
    "
    setns($joined, CLONE_NEWNS|CLONE_NEWUTS)
    "
  `);
});

test("hostnameSteps: bytes are counted, not letters", () => {
  expect(spell(hostnameSteps("größe", "example"))).toMatchInlineSnapshot(`
    "
    sethostname("größe", 7)
    setdomainname("example", 7)
    "
  `);
  expect(hostnameSteps()).toEqual([]);
});

test("loopbackSteps", () => {
  expect(spell(loopbackSteps())).toMatchInlineSnapshot(`
    "
    socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)
    ioctl($socket, SIOCSIFFLAGS, {ifr_name="lo", ifr_flags=IFF_UP|IFF_RUNNING})
    close($socket)
    "
  `);
});
