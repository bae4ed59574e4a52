import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLONE, PID, type Step, step, writeFileSteps } from "../../src/01-syscalls/index.ts";
import { deviceSteps, type Mount, mountSteps } from "../../src/02-rootfs/index.ts";
import { needs } from "../support/needs.ts";
import { type Image, makeImage, runIn } from "./image.ts";

const PROC: Mount = { destination: "/proc", type: "proc", source: "proc" };

let image: Image;
const inImage = (path: string) => join(image.root, path);
const onHost = (path: string) => join(image.host, path);

beforeEach(() => {
  image = makeImage();
  mkdirSync(onHost("victim"));
  mkdirSync(onHost("volume"));
  writeFileSync(onHost("volume/file"), "from the host\n");
});
afterEach(() => image.remove());

const volume = (destination: string, ...options: string[]): Mount => ({
  destination,
  source: onHost("volume"),
  options: ["rbind", ...options],
});
const file = (destination: string): Mount => ({ destination, source: onHost("volume/file"), options: ["bind"] });

describe("a destination in a hostile image", needs("program:busybox"), () => {
  test.each(["/../../host", "../../../host", "/host"])("through a link to %s stays in the root", (target) => {
    symlinkSync(target, inImage("out"));
    mkdirSync(inImage("host"));
    const { stdout } = runIn(image, mountSteps([volume("/out/a/b")]), "cat /host/a/b/file");
    expect(stdout).toBe("from the host\n");
    expect(readdirSync(image.host).sort()).toEqual(["image", "place", "victim", "volume"]);
  });

  test("through a link to a folder of the host finds nothing there, and makes nothing", () => {
    symlinkSync(onHost("victim"), inImage("out"));
    expect(() => runIn(image, mountSteps([volume("/out/a")]), "true")).toThrow(/openat2.*"\/out".* = ENOENT/);
    expect(readdirSync(onHost("victim"))).toEqual([]);
  });

  test("through a link to a file of the host doesn't touch that file", () => {
    symlinkSync(onHost("victim/file"), inImage("etc/link"));
    const { stdout } = runIn(image, mountSteps([file("/etc/link")]), "cat /etc/link");
    expect(stdout).toBe("from the host\n");
    expect(existsSync(onHost("victim/file"))).toBe(false);
  });

  test("through /proc's links that jump is refused", () => {
    expect(() => runIn(image, mountSteps([PROC, volume("/proc/self/root/x")]), "true")).toThrow("= ELOOP");
    expect(() => runIn(image, mountSteps([PROC, volume("/proc/1/cwd")]), "true")).toThrow("= ELOOP");
  });

  test.each(["/a/../../../up", "/a/../up", "//up//"])("%s climbs no higher than the root", (destination) => {
    const { stdout } = runIn(image, mountSteps([volume(destination)]), "cat /up/file");
    expect(stdout).toBe("from the host\n");
  });

  test("a name of .. for a file is the root at most", () => {
    symlinkSync("/", inImage("etc/top"));
    expect(() => runIn(image, mountSteps([file("/etc/top/..")]), "true")).toThrow(/move_mount.* = EINVAL/);
  });
});

describe("the place of a bind", needs("program:busybox"), () => {
  test("a file is followed through a link that leads somewhere", () => {
    writeFileSync(inImage("etc/real"), "of the image\n");
    symlinkSync("/etc/real", inImage("etc/link"));
    const { stdout } = runIn(image, mountSteps([file("/etc/link")]), "cat /etc/link /etc/real");
    expect(stdout).toBe("from the host\nfrom the host\n");
  });

  test("a link that leads nowhere is covered: resolv.conf of images from machines", () => {
    symlinkSync("../run/systemd/resolve/stub-resolv.conf", inImage("etc/resolv.conf"));
    const { stdout } = runIn(image, mountSteps([file("/etc/resolv.conf")]), "cat /etc/resolv.conf");
    expect(stdout).toBe("from the host\n");
  });

  test("what is missing is made; a file in the root itself too", () => {
    const { stdout } = runIn(image, mountSteps([file("/a/b/c"), file("/top")]), "cat /a/b/c /top; stat -c %a /a/b");
    expect(stdout).toBe("from the host\nfrom the host\n755\n");
  });

  test("a file can't be mounted on a directory, nor a directory on a file", () => {
    expect(() => runIn(image, mountSteps([file("/etc")]), "true")).toThrow(/move_mount.* = EINVAL/);
    expect(() => runIn(image, mountSteps([volume("/bin/busybox")]), "true")).toThrow(/openat2.* = ENOTDIR/);
  });
});

describe("what a mount allows", needs("program:busybox"), () => {
  const flags = (path: string) => `grep ' ${path} ' /proc/self/mountinfo | grep -o ' ${path} [^ ]*'`;

  beforeEach(() => {
    mkdirSync(onHost("volume/below"));
    spawnSync("mount", ["-t", "tmpfs", "-o", "nosuid,nodev,noexec", "tmpfs", onHost("volume")]);
    mkdirSync(onHost("volume/below"));
    spawnSync("mount", ["-t", "tmpfs", "tmpfs", onHost("volume/below")]);
  });
  afterEach(() => void spawnSync("umount", ["-R", onHost("volume")]));

  test("attributes and options of a new filesystem are as asked for", () => {
    const options = ["nosuid", "nodev", "noexec", "noatime", "size=64k", "mode=0711"];
    const mounts = [PROC, { destination: "/tmp", type: "tmpfs", source: "scratch", options }];
    const { stdout } = runIn(image, mountSteps(mounts), "grep ' /tmp ' /proc/self/mountinfo; stat -c %a /tmp");
    expect(stdout).toContain(" /tmp rw,nosuid,nodev,noexec,noatime - tmpfs scratch rw,size=64k,mode=711");
    expect(stdout).toContain("\n711\n");
  });

  test("ro is for the mount itself, rro for it and all below", () => {
    const script = "touch /volume/x; touch /volume/below/x && echo below";
    const run = (option: string) => runIn(image, mountSteps([volume("/volume", option)]), script).stdout;
    expect(run("ro")).toBe("below\n");
    expect(run("rro")).toBe("");
  });

  test("a bind keeps what its source forbids", () => {
    const mounts = [PROC, volume("/volume", "ro", "suid", "exec", "rw")];
    const { stdout } = runIn(image, mountSteps(mounts), flags("/volume"));
    expect(stdout).toBe(" /volume rw,nosuid,nodev,noexec,relatime\n");
  });

  test("in a user namespace too, where lifting it is refused", needs("userns"), () => {
    const run = (...options: string[]) =>
      runInUser(image, mountSteps([PROC, volume("/volume", ...options)]), flags("/volume")).stdout;
    expect(run("ro")).toBe(" /volume ro,nosuid,nodev,noexec,relatime\n");
    expect(() => run("rsuid")).toThrow(/mount_setattr.* = EPERM/);
  });
});

describe("in a user namespace", needs("program:busybox", "userns"), () => {
  const MOUNTS: Mount[] = [
    PROC,
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
    { destination: "/dev/pts", type: "devpts", options: ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
    { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["mode=1777", "size=64k"] },
  ];
  test("all usual filesystems can be made", () => {
    const below = [...mountSteps(MOUNTS, { userns: true }), ...deviceSteps([], { userns: true })];
    const script = "grep -o ' - [a-z]*' /proc/self/mountinfo; head -c 2 /dev/zero | wc -c; ls -l /dev/ptmx";
    const { stdout } = runInUser(image, below, script);
    for (const type of ["proc", "tmpfs", "devpts", "sysfs", "mqueue"]) expect(stdout).toContain(` - ${type}\n`);
    expect(stdout).toContain("\n2\n");
    expect(stdout).toContain("/dev/ptmx -> pts/ptmx");
  });

  test("with the host's network, /sys is the host's, read-only", () => {
    const below = mountSteps(MOUNTS, { userns: true, sharesNetwork: true });
    const script = "grep -o ' /sys [^ ]*' /proc/self/mountinfo; ls /sys/class/net";
    const { stdout } = runInUser(image, below, script, ~CLONE.NEWNET);
    expect(stdout).toContain(" /sys ro,nosuid,nodev,noexec,relatime\n");
    expect(stdout.trim().split("\n").slice(1).sort()).toEqual(readdirSync("/sys/class/net").sort());
  });
});

/** As `runIn`, as root of a user namespace that maps one unused id. */
function runInUser(image: Image, below: Step[], script: string, mask = ~0) {
  const { NEWUSER, NEWNS, NEWPID, NEWIPC, NEWNET } = CLONE;
  spawnSync("chown", ["-R", "100000:100000", image.root, image.place]);
  // The folders above are root's alone; who lives in the namespace has to get through.
  for (const folder of [tmpdir(), image.host]) if ((statSync(folder).mode & 0o777) === 0o700) chmodSync(folder, 0o711);
  const map = (name: string) =>
    writeFileSteps({ path: { text: ["/proc/", PID, `/${name}`] }, data: "0 100000 1\n", why: "a map", as: name });
  const become = [step("setresgid", [0, 0, 0], { why: "root" }), step("setresuid", [0, 0, 0], { why: "root" })];
  return runIn(image, below, script, {
    flags: (NEWUSER | NEWNS | NEWPID | NEWIPC | NEWNET) & mask,
    beside: [...map("uid_map"), ...map("gid_map")],
    inside: become,
  });
}
