import { describe, expect, test } from "vitest";
import { RLIM_INFINITY, specText } from "../../src/10-containers/spec/oci.ts";
import { type RunOptions, runOptions } from "../../src/10-containers/spec/options.ts";
import { commandLine, environment, withUser } from "../../src/10-containers/spec/process.ts";
import { containerSpec, type SpecInput } from "../../src/10-containers/spec/spec.ts";

const ID = "0123456789ab".padEnd(64, "c");
const NULL_DEVICE = { path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 0o666, uid: 0, gid: 0 };

function spec(given: Partial<RunOptions> = {}, more: Partial<SpecInput> = {}) {
  return containerSpec({
    options: runOptions("base", given),
    image: { Cmd: ["sh"] },
    id: ID,
    hostname: "box",
    owner: { uid: 0, gid: 0 },
    files: { hosts: "/c/hosts", hostname: "/c/hostname", resolvConf: "/c/resolv.conf", init: "/n/init" },
    joined: {},
    hostDevices: {},
    security: { capabilities: ["CAP_KILL"], noNewPrivileges: false, maskedPaths: ["/proc/kcore"], readonlyPaths: [] },
    ...more,
  });
}

const mounts = (given: Partial<RunOptions> = {}, more: Partial<SpecInput> = {}) =>
  spec(given, more).mounts!.map(
    ({ destination, type, source, options }) => `${destination} ${type} ${source} ${options}`,
  );

const ROOTLESS = { owner: { uid: 1000, gid: 100 } };

describe("command", () => {
  const image = { Entrypoint: ["/entry"], Cmd: ["serve", "now"] };

  test("entrypoint and command of the image, one after the other", () => {
    expect(commandLine({ command: [] }, image)).toEqual(["/entry", "serve", "now"]);
  });

  test("a command replaces the image's and keeps the entrypoint", () => {
    expect(commandLine({ command: ["ls"] }, image)).toEqual(["/entry", "ls"]);
  });

  test("an entrypoint drops the image's command too", () => {
    expect(commandLine({ command: [], entrypoint: ["/mine"] }, image)).toEqual(["/mine"]);
    expect(commandLine({ command: ["ls"], entrypoint: [] }, image)).toEqual(["ls"]);
  });

  test("nothing to run is the user's mistake", () => {
    expect(() => commandLine({ command: [], entrypoint: [] }, image)).toThrow("no command specified");
    expect(() => commandLine({ command: [] }, {})).toThrow("no command specified");
  });

  test("--init comes first, unless another process is number 1 already", () => {
    expect(spec({ init: true }).process!.args).toEqual(["/sbin/mini-docker-init", "--", "sh"]);
    expect(mounts({ init: true })).toContain("/sbin/mini-docker-init bind /n/init bind,ro");
    expect(spec({ init: true, pid: "host" }).process!.args).toEqual(["sh"]);
    expect(mounts({ init: true, pid: "container:web" }).join()).not.toContain("mini-docker-init");
  });
});

describe("environment", () => {
  const image = { Env: ["PATH=/bin", "FOO=bar", "LANG=C"] };

  test("Docker's order: its defaults, what was asked for, the rest of the image's", () => {
    expect(environment({ env: ["B=2", "FOO=x"], tty: true }, image, "box")).toEqual([
      "PATH=/bin",
      "HOSTNAME=box",
      "TERM=xterm",
      "B=2",
      "FOO=x",
      "LANG=C",
    ]);
  });

  test("a bare name takes the variable out, the image's as well as a default", () => {
    expect(environment({ env: ["PATH", "FOO"], tty: false }, image, "box")).toEqual(["HOSTNAME=box", "LANG=C"]);
  });

  test("HOME comes from the user, unless somebody set it", () => {
    const user = { uid: 5, gid: 6, additionalGids: [6], home: "/home/five" };
    const process = { user: { uid: 0, gid: 0 }, cwd: "/", env: ["A=1"] };
    expect(withUser(process, user)).toMatchObject({ user: { uid: 5, gid: 6 }, env: ["A=1", "HOME=/home/five"] });
    expect(withUser({ ...process, env: ["HOME=/x"] }, user).env).toEqual(["HOME=/x"]);
  });

  test("an ordinary user keeps the bounding set only, and root in a later exec has all of it again", () => {
    const [ordinary, root] = [5, 0].map((uid) => ({ uid, gid: uid, additionalGids: [], home: "/" }));
    const asOrdinary = withUser(spec().process!, ordinary!);
    expect(asOrdinary.capabilities).toMatchObject({ bounding: ["CAP_KILL"], effective: [], permitted: [] });
    expect(withUser(asOrdinary, root!).capabilities).toMatchObject({ effective: ["CAP_KILL"] });
  });
});

describe("mounts", () => {
  test("the usual ones, in Docker's order", () => {
    expect(`\n${mounts().join("\n")}\n`).toMatchInlineSnapshot(`
      "
      /proc proc proc nosuid,noexec,nodev
      /dev tmpfs tmpfs nosuid,strictatime,mode=755,size=65536k
      /dev/pts devpts devpts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5
      /sys sysfs sysfs nosuid,noexec,nodev,ro
      /sys/fs/cgroup cgroup cgroup ro,nosuid,noexec,nodev
      /dev/mqueue mqueue mqueue nosuid,noexec,nodev
      /dev/shm tmpfs shm nosuid,noexec,nodev,mode=1777,size=67108864
      /etc/resolv.conf bind /c/resolv.conf rbind,rprivate
      /etc/hostname bind /c/hostname rbind,rprivate
      /etc/hosts bind /c/hosts rbind,rprivate
      "
    `);
  });

  const bind = (target: string, more = {}) =>
    ({ type: "bind", source: "/h", target, readOnly: false, ...more }) as const;

  test("binds: read-only with everything below, and nearer to the root first", () => {
    const asked = [bind("/a/b/c", { readOnly: true }), bind("/a", { nonRecursive: true, propagation: "slave" })];
    expect(mounts({ mounts: asked }).slice(7)).toEqual([
      "/a bind /h bind,slave",
      "/etc/resolv.conf bind /c/resolv.conf rbind,rprivate",
      "/etc/hostname bind /c/hostname rbind,rprivate",
      "/etc/hosts bind /c/hosts rbind,rprivate",
      "/a/b/c bind /h rbind,rro,rprivate",
    ]);
    expect(spec({ mounts: asked }).linux!.rootfsPropagation).toBe("slave");
  });

  test("a mount of one's own takes the place of ours; /dev of all that is in it", () => {
    expect(mounts({ mounts: [bind("/etc/hosts")] }).filter((mount) => mount.startsWith("/etc/hosts"))).toEqual([
      "/etc/hosts bind /h rbind,rprivate",
    ]);
    const dev = mounts({ mounts: [bind("/dev")] }).filter((mount) => mount.startsWith("/dev"));
    expect(dev).toEqual(["/dev bind /h rbind,rprivate"]);
  });

  test("tmpfs: Docker's three flags, unless one says otherwise", () => {
    const tmpfs = { type: "tmpfs", target: "/t", readOnly: false, options: ["size=1m", "exec", "size=2m"] } as const;
    expect(mounts({ mounts: [{ ...tmpfs, options: [...tmpfs.options] }] })).toContain(
      "/t tmpfs tmpfs nosuid,nodev,exec,size=2m",
    );
  });

  test("--read-only: what programs must write stays writable", () => {
    const list = mounts({ readOnly: true });
    expect(list.filter((mount) => /\bro\b/.test(mount)).map((mount) => mount.split(" ")[0])).toEqual([
      "/sys",
      "/sys/fs/cgroup",
      "/etc/resolv.conf",
      "/etc/hostname",
      "/etc/hosts",
    ]);
    expect(spec({ readOnly: true }).root!.readonly).toBe(true);
  });

  test("--privileged may write to the kernel's settings", () => {
    expect(mounts({ privileged: true }).filter((mount) => mount.startsWith("/sys"))).toEqual([
      "/sys sysfs sysfs nosuid,noexec,nodev",
      "/sys/fs/cgroup cgroup cgroup nosuid,noexec,nodev",
    ]);
  });

  test("/dev/shm goes with the IPC namespace", () => {
    const shm = (given: Partial<RunOptions>, files = {}) => {
      const bound = { hosts: "", hostname: "", resolvConf: "", init: "", ...files };
      return mounts(given, { files: bound }).filter((mount) => mount.startsWith("/dev/shm"));
    };
    expect(shm({ shmSizeBytes: 1024 })).toEqual(["/dev/shm tmpfs shm nosuid,noexec,nodev,mode=1777,size=1024"]);
    expect(shm({ ipc: "none" })).toEqual([]);
    expect(shm({ ipc: "host" })).toEqual(["/dev/shm bind /dev/shm rbind,rprivate"]);
    expect(shm({ ipc: "container:web" }, { shm: "/proc/7/root/dev/shm" })).toEqual([
      "/dev/shm bind /proc/7/root/dev/shm rbind,rprivate",
    ]);
  });

  test("in a user namespace: no foreign group, and what is still the host's is bound", () => {
    const list = mounts({ network: "host", pid: "host", ipc: "host", cgroupns: "host" }, ROOTLESS);
    expect(list[2]).toBe("/dev/pts devpts devpts nosuid,noexec,newinstance,ptmxmode=0666,mode=0620");
    expect(list.slice(0, 6).filter((mount) => mount.includes(" bind "))).toEqual([
      "/proc bind /proc rbind,nosuid,noexec,nodev",
      "/sys bind /sys rbind,nosuid,noexec,nodev,ro",
      "/sys/fs/cgroup bind /sys/fs/cgroup rbind,ro,nosuid,noexec,nodev",
      "/dev/mqueue bind /dev/mqueue rbind,nosuid,noexec,nodev",
    ]);
    expect(mounts({}, ROOTLESS)[0]).toBe("/proc proc proc nosuid,noexec,nodev");
  });
});

describe("namespaces", () => {
  const types = (given: Partial<RunOptions> = {}, more: Partial<SpecInput> = {}) =>
    spec(given, more).linux!.namespaces!.map(({ type, path }) => (path ? `${type}=${path}` : type));

  test("all but the user's are new", () => {
    expect(types()).toEqual(["mount", "network", "uts", "pid", "ipc", "cgroup"]);
  });

  test("the host's are not listed; joined ones have a path", () => {
    expect(types({ network: "host", pid: "host", ipc: "host", uts: "host", cgroupns: "host" })).toEqual(["mount"]);
    const joined = { network: "/proc/7/ns/net", user: "/proc/7/ns/user" };
    expect(types({ network: "container:web" }, { joined })).toEqual([
      "mount",
      "network=/proc/7/ns/net",
      "uts",
      "pid",
      "ipc",
      "cgroup",
      "user=/proc/7/ns/user",
    ]);
  });

  test("an ordinary user becomes root of a user namespace by one map of one id", () => {
    const { linux } = spec({}, ROOTLESS);
    expect(linux!.namespaces).toContainEqual({ type: "user" });
    expect(linux!.uidMappings).toEqual([{ containerID: 0, hostID: 1000, size: 1 }]);
    expect(linux!.gidMappings).toEqual([{ containerID: 0, hostID: 100, size: 1 }]);
    expect(spec().linux!.uidMappings).toBeUndefined();
  });

  test("a joined user namespace has its map already", () => {
    expect(spec({}, { ...ROOTLESS, joined: { user: "/proc/7/ns/user" } }).linux!.uidMappings).toBeUndefined();
  });

  test("a hostname, where there is a namespace to keep it", () => {
    expect(spec().hostname).toBe("box");
    expect(spec({ uts: "host" }).hostname).toBeUndefined();
  });
});

describe("limits", () => {
  const resources = (given: Partial<RunOptions>, more = {}) => spec(given, more).linux!.resources!;

  test("nothing asked for, nothing but devices limited", () => {
    expect(Object.keys(resources({}))).toEqual(["devices"]);
  });

  test("memory alone is doubled with swap; -1 is no limit", () => {
    expect(resources({ memoryBytes: 100 }).memory).toEqual({ limit: 100, swap: 200 });
    expect(resources({ memoryBytes: 100, memorySwapBytes: -1 }).memory).toEqual({ limit: 100, swap: -1 });
    expect(resources({ memoryBytes: 100, memorySwapBytes: 150, memoryReservationBytes: 50 }).memory).toEqual({
      limit: 100,
      reservation: 50,
      swap: 150,
    });
  });

  test("CPUs become a quota in each tenth of a second", () => {
    expect(resources({ nanoCpus: 1_500_000_000, cpuShares: 512, cpusetCpus: "0-1" }).cpu).toEqual({
      shares: 512,
      quota: 150_000,
      period: 100_000,
      cpus: "0-1",
    });
  });

  test("pids: zero and less are no limit", () => {
    expect(resources({ pidsLimit: 10 }).pids).toEqual({ limit: 10 });
    expect(resources({ pidsLimit: 0 }).pids).toEqual({ limit: -1 });
  });

  test("a device is a node and the right to open it; rates go by its numbers", () => {
    const given = {
      devices: [{ source: "/dev/null", target: "/dev/foo", permissions: "r" }],
      deviceReadBps: [{ path: "/dev/sda", rate: 1000 }],
      deviceCgroupRules: ["c 10:* rw"],
    };
    const hostDevices = { "/dev/null": [NULL_DEVICE], "/dev/sda": [{ ...NULL_DEVICE, type: "b", major: 8, minor: 0 }] };
    const { devices, resources } = spec(given, { hostDevices }).linux!;
    expect(devices).toEqual([{ ...NULL_DEVICE, path: "/dev/foo" }]);
    expect(resources!.devices!.slice(-2)).toEqual([
      { allow: true, type: "c", major: 1, minor: 3, access: "r" },
      { allow: true, type: "c", major: 10, access: "rw" },
    ]);
    expect(resources!.devices![0]).toEqual({ allow: false, access: "rwm" });
    expect(resources!.blockIO).toEqual({ throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1000 }] });
  });

  test("a folder of devices brings all that is in it", () => {
    const hostDevices = { "/dev/snd": [{ ...NULL_DEVICE, path: "/dev/snd/seq" }] };
    const devices = [{ source: "/dev/snd", target: "/dev/sound", permissions: "rwm" }];
    expect(spec({ devices }, { hostDevices }).linux!.devices!.map(({ path }) => path)).toEqual(["/dev/sound/seq"]);
  });

  test("a privileged container may open everything", () => {
    expect(resources({ privileged: true }).devices).toEqual([{ allow: true, access: "rwm" }]);
  });
});

test("each process's limits have OCI's names, and no limit is written as 64 bits have it", () => {
  const text = specText(spec({ ulimits: [{ name: "core", soft: 0, hard: -1 }] }));
  expect(text).toContain('"hard": 18446744073709551615');
  expect(JSON.parse(text).process.rlimits).toEqual([{ type: "RLIMIT_CORE", soft: 0, hard: RLIM_INFINITY }]);
});

test("labels, the image's below one's own, are annotations", () => {
  const image = { Cmd: ["sh"], Labels: { a: "image", b: "image" }, StopSignal: "SIGQUIT" };
  expect(spec({ labels: { b: "mine" }, annotations: { c: "note" } }, { image }).annotations).toEqual({
    a: "image",
    b: "mine",
    c: "note",
    "org.opencontainers.image.stopSignal": "SIGQUIT",
  });
});

test("a network of one's own: everybody may ping and listen on port 80", () => {
  const defaults = { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" };
  expect(spec({ sysctls: { "net.core.somaxconn": "5" } }).linux!.sysctl).toEqual({
    ...defaults,
    "net.core.somaxconn": "5",
  });
  expect(spec({ network: "host" }).linux!.sysctl).toEqual({});
});
