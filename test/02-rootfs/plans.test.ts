import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MOUNT_ATTR, type Step, spellCall } from "../../src/01-syscalls/index.ts";
import {
  attachRootfsSteps,
  chrootSteps,
  deviceNumber,
  deviceSteps,
  maskedPathSteps,
  mountSteps,
  parseMountOptions,
  pivotSteps,
  privateRootSteps,
  readonlyPathSteps,
  readonlyRootSteps,
  rootfsFromDirectorySteps,
  rootPropagationSteps,
  sharedSourceSteps,
} from "../../src/02-rootfs/index.ts";

const spell = (steps: Step[]) => `\n${steps.map(spellCall).join("\n")}\n`;

describe("the root", () => {
  test("chrootSteps: two calls, the second so that .. stays inside", () => {
    expect(spell(chrootSteps("/srv/root"))).toMatchInlineSnapshot(`
      "
      chroot("/srv/root")
      chdir("/")
      "
    `);
  });

  test("privateRootSteps: never shared, whatever was asked for", () => {
    expect(spell(privateRootSteps())).toMatchInlineSnapshot(`
      "
      mount(NULL, "/", NULL, MS_REC|MS_SLAVE, NULL)
      "
    `);
    expect(spell(privateRootSteps("rprivate"))).toMatchInlineSnapshot(`
      "
      mount(NULL, "/", NULL, MS_REC|MS_PRIVATE, NULL)
      "
    `);
    expect(privateRootSteps("rshared")).toEqual(privateRootSteps("rslave"));
  });

  test("rootPropagationSteps: only what a private root isn't already", () => {
    expect(spell(rootPropagationSteps("rshared"))).toMatchInlineSnapshot(`
      "
      mount(NULL, "/", NULL, MS_REC|MS_SHARED, NULL)
      "
    `);
    expect([undefined, "private", "rslave"].flatMap((value) => rootPropagationSteps(value as "private"))).toEqual([]);
  });

  test("a directory becomes the root in three parts", () => {
    expect(spell(rootfsFromDirectorySteps("/srv/image"))).toMatchInlineSnapshot(`
      "
      open_tree(AT_FDCWD, "/srv/image", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)
      "
    `);
    expect(spell(attachRootfsSteps("/run/bundle/rootfs"))).toMatchInlineSnapshot(`
      "
      openat(AT_FDCWD, "/run/bundle/rootfs", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)
      move_mount($rootfs, "", $place, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      close($place)
      "
    `);
    expect(spell(pivotSteps())).toMatchInlineSnapshot(`
      "
      fchdir($rootfs)
      pivot_root(".", ".")
      umount2(".", MNT_DETACH)
      chdir("/")
      "
    `);
    expect(spell(readonlyRootSteps())).toMatchInlineSnapshot(`
      "
      mount_setattr($rootfs, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0, userns_fd=0}, 32)
      "
    `);
  });
});

describe("mountSteps", () => {
  test("a filesystem is made before its place is looked for", () => {
    const options = ["nosuid", "strictatime", "mode=755", "size=65536k"];
    expect(
      spell(mountSteps([{ destination: "/dev", type: "tmpfs", source: "tmpfs", options }])),
    ).toMatchInlineSnapshot(`
      "
      fsopen("tmpfs", FSOPEN_CLOEXEC)
      fsconfig($fs, FSCONFIG_SET_STRING, "source", "tmpfs", 0)
      fsconfig($fs, FSCONFIG_SET_STRING, "mode", "755", 0)
      fsconfig($fs, FSCONFIG_SET_STRING, "size", "65536k", 0)
      fsconfig($fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
      fsmount($fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_STRICTATIME)
      mkdirat($rootfs, "dev", 0755)
      openat2($rootfs, "/dev", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      "
    `);
  });

  test("what the mount before has found is not looked for again", () => {
    const mounts = ["/dev", "/dev/pts"].map((destination) => ({ destination, type: "tmpfs" }));
    const calls = mountSteps(mounts).map(spellCall);
    expect(calls.filter((call) => call.startsWith("mkdirat"))).toEqual([
      'mkdirat($rootfs, "dev", 0755)',
      'mkdirat($target, "pts", 0755)',
    ]);
  });

  test("a bind of a directory: copied, made stricter, hung in", () => {
    const options = ["rbind", "ro", "rprivate"];
    expect(spell(mountSteps([{ destination: "/a/b", type: "bind", source: "/usr", options }]))).toMatchInlineSnapshot(`
      "
      open_tree(AT_FDCWD, "/usr", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)
      mount_setattr($mount, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=0, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)
      mount_setattr($mount, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0, userns_fd=0}, 32)
      mkdirat($rootfs, "a", 0755)
      openat2($rootfs, "/a", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      mkdirat($target, "b", 0755)
      openat2($rootfs, "/a/b", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      "
    `);
  });

  test("a bind of a file: its place is a file, or a link that leads nowhere", () => {
    const folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
    const source = join(folder, "file");
    writeFileSync(source, "");
    const steps = mountSteps([{ destination: "/etc/resolv.conf", source, options: ["bind"] }]);
    rmSync(folder, { recursive: true });
    expect(spell(steps).replace(folder, "/host")).toMatchInlineSnapshot(`
      "
      open_tree(AT_FDCWD, "/host/file", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)
      mkdirat($rootfs, "etc", 0755)
      openat2($rootfs, "/etc", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      mknodat($target, "resolv.conf", S_IFREG|0644, 0)
      openat2($target, "resolv.conf", {flags=O_NOFOLLOW|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      openat2($rootfs, "/etc/resolv.conf", {flags=O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      dup3($led, $target, O_CLOEXEC)
      move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      "
    `);
  });

  test("a shared bind keeps its tie with the host: it is taken before / is cut off", () => {
    const mounts = [{ destination: "/media", type: "bind", source: "/usr", options: ["rbind", "rshared"] }];
    expect(spell(sharedSourceSteps(mounts))).toMatchInlineSnapshot(`
      "
      open_tree(AT_FDCWD, "/usr", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)
      "
    `);
    expect(spell(mountSteps(mounts))).toMatchInlineSnapshot(`
      "
      open_tree($shared:/media, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)
      dup3($younger, $shared:/media, O_CLOEXEC)
      mount_setattr($shared:/media, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=0, attr_clr=0, propagation=MS_SHARED, userns_fd=0}, 32)
      mkdirat($rootfs, "media", 0755)
      openat2($rootfs, "/media", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      move_mount($shared:/media, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      "
    `);
  });

  test("cgroup mounts are another stage's", () => {
    const mount = { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup" };
    expect(mountSteps([mount])).toEqual([]);
    const steps = rootfsFromDirectorySteps("/its/own");
    expect(mountSteps([mount], { cgroupSteps: () => steps })).toEqual(steps);
  });

  test("in a user namespace, devpts knows no group 5", () => {
    const mounts = [{ destination: "/dev/pts", type: "devpts", options: ["newinstance", "gid=5"] }];
    expect(spell(mountSteps(mounts))).toContain('"gid"');
    expect(spell(mountSteps(mounts, { userns: true }))).not.toContain('"gid"');
  });

  test("in a user namespace that shares the network, /sys is a read-only view of the host's", () => {
    const mounts = [{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid"] }];
    expect(spell(mountSteps(mounts, { userns: true }))).toContain('fsopen("sysfs"');
    expect(spell(mountSteps(mounts, { userns: true, sharesNetwork: true }))).toMatchInlineSnapshot(`
      "
      open_tree(AT_FDCWD, "/sys", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)
      mount_setattr($mount, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC, attr_clr=0, propagation=0, userns_fd=0}, 32)
      mkdirat($rootfs, "sys", 0755)
      openat2($rootfs, "/sys", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      "
    `);
  });

  test.each([
    [{ destination: "/", type: "tmpfs" }, 'cannot mount on "/": it is the root'],
    [{ destination: "/a/..", type: "tmpfs" }, 'cannot mount on "/a/..": it is the root'],
    [{ destination: "/a" }, "the mount on /a has no type"],
    [{ destination: "/a", type: "bind", source: "/no/such" }, "bind source path does not exist: /no/such"],
    [
      { destination: "/a", type: "bind", source: "/usr", uidMappings: [{ containerID: 0, hostID: 9, size: 1 }] },
      'cannot mount on "/a": owners of its own need a map, and root to write it',
    ],
    [{ destination: "/a", type: "bind", source: "usr" }, 'needs a source that begins with /, not "usr"'],
    [{ destination: "/a", type: "bind", source: "/usr", options: ["size=1"] }, 'the filesystem option "size=1"'],
    [{ destination: "/a", type: "tmpfs", options: ["tmpcopyup"] }, 'mount option "tmpcopyup" is not supported'],
    [
      { destination: "/a", type: "bind", source: "/usr", options: ["idmap"] },
      "owners of its own need a map, and root to write it",
    ],
  ])("refuses %o", (mount, message) => {
    expect(() => mountSteps([mount])).toThrow(message);
  });
});

describe("parseMountOptions", () => {
  const { RDONLY, NOSUID, NOEXEC, NOATIME } = MOUNT_ATTR;

  test("tells the mount's own from the recursive and the filesystem's", () => {
    const options = ["rbind", "ro", "rnosuid", "noexec", "rslave", "size=1m", "sync"];
    expect(parseMountOptions(options)).toEqual({
      bind: "rbind",
      own: { set: RDONLY | NOEXEC, clear: 0 },
      recursive: { set: NOSUID, clear: 0 },
      propagation: "rslave",
      filesystem: ["size=1m", "sync"],
    });
  });

  test("a later option wins", () => {
    expect(parseMountOptions(["ro", "rw"]).own).toEqual({ set: 0, clear: RDONLY });
    expect(parseMountOptions(["rw", "ro"]).own).toEqual({ set: RDONLY, clear: 0 });
    expect(parseMountOptions(["strictatime", "noatime"]).own.set).toBe(NOATIME);
    expect(parseMountOptions(["noatime", "relatime"]).own.set).toBe(0);
  });

  test("names of JavaScript's own are options like any other", () => {
    expect(parseMountOptions(["constructor"]).filesystem).toEqual(["constructor"]);
  });
});

describe("deviceSteps", () => {
  test("the nodes every program expects, and the links", () => {
    expect(spell(deviceSteps())).toMatchInlineSnapshot(`
      "
      umask(0)
      mkdirat($rootfs, "dev", 0755)
      openat2($rootfs, "/dev", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      mknodat($target, "null", S_IFCHR|0666, makedev(1, 3))
      mknodat($target, "zero", S_IFCHR|0666, makedev(1, 5))
      mknodat($target, "full", S_IFCHR|0666, makedev(1, 7))
      mknodat($target, "random", S_IFCHR|0666, makedev(1, 8))
      mknodat($target, "urandom", S_IFCHR|0666, makedev(1, 9))
      mknodat($target, "tty", S_IFCHR|0666, makedev(5, 0))
      openat2($rootfs, "/dev", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      symlinkat("/proc/self/fd", $dev, "fd")
      symlinkat("/proc/self/fd/0", $dev, "stdin")
      symlinkat("/proc/self/fd/1", $dev, "stdout")
      symlinkat("/proc/self/fd/2", $dev, "stderr")
      symlinkat("/proc/kcore", $dev, "core")
      symlinkat("pts/ptmx", $dev, "ptmx")
      umask(022)
      "
    `);
  });

  test("a device below a folder, with mode and owner; over an image's /dev, its name makes way", () => {
    const device = { type: "c", path: "/dev/net/tun", major: 10, minor: 200, fileMode: 0o600, uid: 7, gid: 8 };
    const calls = deviceSteps([device], { overImage: true }).map(spellCall);
    const from = calls.findIndex((call) => call.includes('"net"'));
    expect(calls.slice(from, from + 5)).toMatchInlineSnapshot(`
      [
        "mkdirat($target, "net", 0755)",
        "openat2($rootfs, "/dev/net", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)",
        "unlinkat($target, "tun", 0)",
        "mknodat($target, "tun", S_IFCHR|0600, makedev(10, 200))",
        "fchownat($target, "tun", 7, 8, AT_SYMLINK_NOFOLLOW)",
      ]
    `);
  });

  test("in a user namespace the host's nodes are mounted", () => {
    const calls = deviceSteps([], { userns: true }).map(spellCall);
    expect(calls.slice(1, 8)).toMatchInlineSnapshot(`
      [
        "open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)",
        "mkdirat($rootfs, "dev", 0755)",
        "openat2($rootfs, "/dev", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)",
        "mknodat($target, "null", S_IFREG|0644, 0)",
        "openat2($target, "null", {flags=O_NOFOLLOW|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)",
        "openat2($rootfs, "/dev/null", {flags=O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)",
        "dup3($led, $target, O_CLOEXEC)",
      ]
    `);
    expect(calls.join()).not.toContain("S_IFCHR");
  });

  test("packs the two numbers as the kernel does", () => {
    // makedev(3) of glibc agrees in the lower 32 bits.
    expect(deviceNumber(1, 3)).toBe(0x103);
    expect(deviceNumber(259, 0x12345)).toBe(0x12310345);
    expect(deviceNumber(4095, 0xfffff)).toBe(0xffffffff);
  });

  test("refuses a type that is none", () => {
    expect(() => deviceSteps([{ type: "x", path: "/dev/x" }])).toThrow('no device type "x" for /dev/x');
  });
});

describe("masks", () => {
  test("a file shows the host's /dev/null, which can't be changed through it", () => {
    expect(spell(maskedPathSteps(["/proc/kcore"], () => "file"))).toMatchInlineSnapshot(`
      "
      openat2($rootfs, "/proc/kcore", {flags=O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)
      mount_setattr($mount, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NOEXEC, attr_clr=0, propagation=0, userns_fd=0}, 32)
      move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      "
    `);
  });

  test("a directory shows an empty one", () => {
    expect(spell(maskedPathSteps(["/sys/firmware"], () => "directory"))).toMatchInlineSnapshot(`
      "
      openat2($rootfs, "/sys/firmware", {flags=O_DIRECTORY|O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      fsopen("tmpfs", FSOPEN_CLOEXEC)
      fsconfig($fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
      fsmount($fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)
      move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      "
    `);
  });

  test("a read-only path is a second view of itself", () => {
    expect(spell(readonlyPathSteps(["/proc/sys"]))).toMatchInlineSnapshot(`
      "
      openat2($rootfs, "/proc/sys", {flags=O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
      open_tree($target, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)
      mount_setattr($mount, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0, userns_fd=0}, 32)
      move_mount($mount, "", $target, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)
      "
    `);
  });
});
