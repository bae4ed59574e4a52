// Programs and images that mean harm, against the whole engine. What a stage promises by itself is tried in its own
// tests; here it is whether a container made by `run` and entered by `exec` keeps all of these promises at once.

import { type StdioOptions, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { programPath } from "../../src/01-syscalls/index.ts";
import { makeLayout, tarOf, type Written } from "../06-images/archives.ts";
import { cliForTests, PROGRAM } from "../support/cli.ts";
import { buildFixture } from "../support/native.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const SECRET = "known to the host alone";

/** A folder of the host with a secret in it that no container is given. */
function hostFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "host-"));
  writeFileSync(join(folder, "secret"), SECRET);
  return folder;
}

/** Runs `script` in a container, made with `flags`. */
const inside = (script: string, ...flags: string[]) => md.call("run", "--rm", ...flags, "base", "sh", "-c", script);

/** What of `folder` is mounted in the program's own folder. */
const attacks = (program: string) => ["-v", `${dirname(program)}:/attack:ro`];

describe("the way out of a chroot", () => {
  const program = buildFixture("break-out", { isStatic: true });

  test("leads to the host where there is only a chroot", () => {
    const folder = hostFolder();
    mkdirSync(join(folder, "root/tmp"), { recursive: true });
    spawnSync("cp", [program, join(folder, "root")]);
    const { stdout } = spawnSync("chroot", [join(folder, "root"), "/break-out", join(folder, "secret")]);
    expect(String(stdout)).toBe(SECRET);
  });

  test("leads nowhere from a container", () => {
    const secret = join(hostFolder(), "secret");
    const { stdout } = md.call("run", "--rm", ...attacks(program), "base", "/attack/break-out", secret);
    expect(stdout).toBe("not found\n");
  });
});

describe("what is the machine's", () => {
  test("can't be set from inside, nor from a group's own files", () => {
    const files = [
      "/proc/sys/kernel/core_pattern",
      "/proc/sys/kernel/hostname",
      "/proc/sys/vm/overcommit_memory",
      "/proc/sysrq-trigger",
      "/sys/kernel/uevent_helper",
      "/sys/fs/cgroup/*/release_agent",
      "/sys/fs/cgroup/*/cgroup.procs",
      "/sys/fs/cgroup/cgroup.procs",
      "/sys/fs/cgroup/*/devices.allow",
      "/sys/fs/cgroup/memory.max",
    ];
    // Opening is enough of an answer; nothing is written if it succeeds.
    const script = `for f in ${files.join(" ")}; do [ ! -e $f ] || (: >>$f) 2>/dev/null && [ -e $f ] && echo $f; done; true`;
    expect(inside(script).stdout).toBe("");
    expect(inside(script, "--privileged").stdout).not.toBe("");
  });

  test("can't be read where it speaks of others", () => {
    const script =
      "for f in /proc/keys /proc/timer_list /proc/kcore /proc/acpi /sys/firmware; do head -c1 $f; ls $f; done";
    const seen = (...flags: string[]) => inside(`(${script}) 2>/dev/null | grep -v ^/proc`, ...flags).stdout;
    expect(seen()).toBe("");
    expect(seen("--security-opt", "systempaths=unconfined")).not.toBe("");
  });

  test("can't be had by making a node for it", () => {
    const disks = readFileSync("/proc/partitions", "utf8").split("\n").slice(2, 4);
    const blocks = disks.flatMap((line) =>
      line.trim() ? [`b ${line.trim().split(/\s+/).slice(0, 2).join(" ")}`] : [],
    );
    const nodes = ["c 1 1", "c 1 2", "c 1 11", ...blocks];
    const script = `n=0; for d in "${nodes.join('" "')}"; do n=$((n+1)); mknod /tmp/$n $d; head -c1 /tmp/$n; done`;
    const { stdout, stderr } = inside(script);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toEqual(
      nodes.map((_, index) => expect.stringMatching(`${index + 1}.*not permitted`)),
    );
  });

  test("can't be mounted, unmounted or mounted otherwise", () => {
    const tries = [
      "-t tmpfs t /mnt",
      "-t proc p /mnt",
      "--bind / /mnt",
      "-o remount,rw /sys",
      "-o remount,bind,rw /proc/sys",
    ];
    const script = [
      ...tries.map((args) => `mount ${args}`),
      "umount /proc/keys",
      "umount /sys/firmware",
      "umount /proc/sys",
    ];
    expect(inside(`${script.join(" && echo done; ")} && echo done; true`).stdout).toBe("");
  });

  test("can't be had through a namespace of one's own", () => {
    const tries = ["-r", "-m", "-n", "-p", "-i", "-u", "-C"].map((flag) => `unshare ${flag} true`);
    expect(
      inside(`${tries.join(" && echo done; ")} && echo done; nsenter -t 1 -m true && echo done; true`).stdout,
    ).toBe("");
  });
});

test("what is mounted in a volume doesn't appear on the host, unless the volume was shared", () => {
  const folder = hostFolder();
  mkdirSync(join(folder, "volume/on"), { recursive: true });
  const volume = join(folder, "volume");
  spawnSync("mount", ["--bind", volume, volume]);
  spawnSync("mount", ["--make-shared", volume]);
  try {
    const isSeen = (propagation: string) => {
      const mayMount = ["--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined"];
      const mount = "mount -t tmpfs t /v/on && touch /v/on/file && cat";
      const container = md.ok(
        "run",
        "-d",
        "-i",
        ...mayMount,
        "-v",
        `${volume}:/v${propagation}`,
        "base",
        "sh",
        "-c",
        mount,
      );
      while (md.call("exec", container, "test", "-e", "/v/on/file").code !== 0) md.ok("inspect", container);
      const seen = readdirSync(join(volume, "on"));
      md.ok("rm", "-f", container);
      return seen;
    };
    expect(isSeen("")).toEqual([]);
    expect(isSeen(":rslave")).toEqual([]);
    expect(isSeen(":rshared")).toEqual(["file"]);
  } finally {
    spawnSync("umount", ["-R", volume]);
  }
});

describe("the program that enters a container (CVE-2019-5736)", () => {
  const program = buildFixture("watch-launcher", { isStatic: true });
  const digest = () =>
    createHash("sha256")
      .update(readFileSync(programPath("launcher")))
      .digest("hex");

  test("is seen from inside, and can't be looked into or learned of", () => {
    const flags = ["--name", "watching", ...attacks(program)];
    md.ok("run", "-d", ...flags, "base", "/attack/watch-launcher", "60", "watch-launcher", "true");
    for (let entered = 0; entered < 5; entered++) md.ok("exec", "watching", "true");
    const said = new Set(md.ok("logs", "watching").split("\n"));
    md.ok("rm", "-f", "watching");
    expect([...said]).toEqual(["got nothing"]);
  });

  test("is nothing to run again, by its name in /proc or as an interpreter", () => {
    const before = digest();
    const folder = hostFolder();
    writeFileSync(join(folder, "script"), "#!/proc/self/exe\n", { mode: 0o755 });
    md.ok("run", "-d", "--name", "running", "-v", `${folder}:/v`, "base", "sleep", "1000");
    for (const command of ["/proc/self/exe", "/v/script"]) {
      expect(md.call("run", "--rm", "-v", `${folder}:/v`, "base", command), command).toMatchObject({
        code: 125,
        stdout: "",
      });
      expect(md.call("exec", "running", command), command).toMatchObject({ code: 125, stdout: "" });
    }
    md.ok("rm", "-f", "running");
    expect(digest()).toBe(before);
  });
});

describe("descriptors that the engine was started with (CVE-2024-21626)", needs("speed"), () => {
  const last = 12;

  /** With the host's root, and a secret, open under each of the numbers from 3 on. */
  function withOpen(...argv: string[]) {
    const secret = openSync(join(hostFolder(), "secret"), "r+");
    const root = openSync("/", "r");
    const more = Array.from({ length: last - 2 }, (_, index) => (index % 2 ? secret : root));
    try {
      const words = ["--", PROGRAM, "--root", md.root, "--state", md.state];
      const stdio: StdioOptions = ["ignore", "pipe", "pipe", ...more];
      return spawnSync("node", [...words, ...argv], { stdio, encoding: "utf8" });
    } finally {
      for (const fd of [secret, root]) closeSync(fd);
    }
  }
  const numbers = Array.from({ length: last - 2 }, (_, index) => index + 3);

  test("are not the container's, nor the monitor's, nor a later command's", () => {
    const list = "for f in /proc/self/fd/* /proc/1/fd/*; do readlink $f; done";
    const container = withOpen("run", "-d", "base", "sh", "-c", `${list}; sleep 1000`).stdout.trim();
    const monitor = /^PPid:\s*(\d+)/m.exec(
      readFileSync(`/proc/${md.ok("inspect", "-f", "{{.State.Pid}}", container)}/status`, "utf8"),
    )![1];
    const { stdout: executed } = withOpen("exec", container, "sh", "-c", list);
    const { stdout: held } = spawnSync("sh", ["-c", `readlink /proc/${monitor}/fd/*`], { encoding: "utf8" });
    const printed = md.ok("logs", container);
    md.ok("rm", "-f", container);
    const named = new Set(`${printed}\n${executed}`.split("\n"));
    for (const name of named) expect(name).toMatch(/^(\/dev\/null|pipe:\[\d+\]|)$/);
    expect(held).not.toMatch(/secret|^\/$/m);
  });

  test("are no working directory", () => {
    const container = md.ok("run", "-d", "base", "sleep", "1000");
    for (const number of numbers) {
      const place = `/proc/self/fd/${number}`;
      expect(withOpen("run", "--rm", "-w", place, "base", "pwd"), place).toMatchObject({ status: 125, stdout: "" });
      expect(withOpen("exec", "-w", place, container, "pwd"), place).toMatchObject({
        status: expect.toSatisfy(isFailure),
        stdout: "",
      });
    }
    md.ok("rm", "-f", container);
  });

  test("are no way to a program", () => {
    const container = md.ok("run", "-d", "base", "sleep", "1000");
    for (const number of numbers) {
      const command = `/proc/self/fd/${number}${process.execPath}`;
      expect(withOpen("run", "--rm", "base", command).status, command).toBe(127);
      expect(withOpen("exec", container, command).status, command).toBe(127);
    }
    md.ok("rm", "-f", container);
  });
});

const isFailure = (code: number) => code === 125 || code === 126 || code === 127;

describe("an image that lies", needs("program:busybox"), () => {
  const busybox = readFileSync("/usr/bin/busybox");
  let victim: string;
  beforeAll(() => {
    victim = hostFolder();
  });

  /** One whose files are busybox, and what is asked for. */
  function runImage(entries: Written[], ...argv: string[]) {
    const files: Written[] = [{ name: "bin/busybox", mode: 0o755, content: busybox }, ...entries];
    const { directory } = makeLayout([tarOf(files)]);
    const flags = argv.slice(0, argv.indexOf("--"));
    return md.call("run", "--rm", ...flags, `oci:${directory}`, "/bin/busybox", ...argv.slice(argv.indexOf("--") + 1));
  }
  const link = (name: string, target: string): Written => ({ name, type: "2", link: target });
  const isUntouched = () => {
    expect(readdirSync(victim)).toEqual(["secret"]);
    expect(readFileSync(join(victim, "secret"), "utf8")).toBe(SECRET);
  };

  test.each(["etc", "proc", "dev", "sys", "tmp"])("about /%s, which is a link to the host's files", (name) => {
    for (const target of [victim, `../../../../../../..${victim}`]) {
      const { code, stdout } = runImage([link(name, target)], "-t", "--tmpfs", "/tmp", "--", "ls", `/${name}/`);
      expect(code === 125 || (code === 0 && !stdout.includes("secret")), `${code} ${stdout}`).toBe(true);
      isUntouched();
    }
  });

  test("about the files that every container gets is given its own, in its own files", () => {
    const files = ["etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/passwd"];
    const entries = files.map((name) => link(name, `${victim}/secret`));
    const { code, stdout } = runImage(entries, "--user", "0", "--", "cat", "/etc/hosts", "/etc/hostname");
    expect(code).toBe(0);
    expect(stdout).toContain("localhost");
    expect(stdout).not.toContain(SECRET);
    isUntouched();
  });

  test("about devices has none of them opened, nor the terminal's place (CVE-2025-52565)", () => {
    const entries = ["dev/null", "dev/console", "dev/ptmx", "dev/pts"].map((name) => link(name, `${victim}/secret`));
    const { code, stdout } = runImage(
      entries,
      "-t",
      "--",
      "sh",
      "-c",
      "echo written >/dev/null; echo shown >/dev/console",
    );
    expect([code, stdout.trim()]).toEqual([0, "shown"]);
    isUntouched();
  });

  test("about its users, who are a device without end, has none", () => {
    const entry: Written = { name: "etc/passwd", type: "3", major: 1, minor: 5 };
    const { code, stderr } = runImage([entry], "--user", "somebody", "--", "true");
    expect(code).toBe(125);
    expect(stderr).toContain("unable to find user somebody");
  });

  test("about its working directory", () => {
    const files: Written[] = [{ name: "bin/busybox", mode: 0o755, content: busybox }];
    const config = { config: { WorkingDir: "/proc/self/fd/7", Cmd: ["/bin/busybox", "pwd"] } };
    const { directory } = makeLayout([tarOf(files)], { config });
    expect(md.call("run", "--rm", `oci:${directory}`)).toMatchObject({ code: 125, stdout: "" });
  });
});

describe("a container that lies to another", () => {
  test("about its /dev/shm, shows its own files and not the host's", () => {
    const dev = hostFolder();
    symlinkSync("/", join(dev, "shm"));
    spawnSync("cp", ["-a", "/dev/null", dev]);
    const secret = join(hostFolder(), "secret");
    md.ok("run", "-d", "--name", "liar", "-v", `${dev}:/dev`, "base", "sleep", "1000");
    const { stdout } = md.call("run", "--rm", "--ipc", "container:liar", "base", "cat", `/dev/shm${secret}`);
    md.ok("rm", "-f", "liar");
    expect(stdout).toBe("");
  });

  test("shares what it has there, if it is honest", () => {
    md.ok("run", "-d", "--name", "honest", "base", "sh", "-c", "echo shared >/dev/shm/x; sleep 1000");
    while (md.call("exec", "honest", "test", "-s", "/dev/shm/x").code !== 0) md.ok("inspect", "honest");
    expect(md.ok("run", "--rm", "--ipc", "container:honest", "base", "cat", "/dev/shm/x")).toBe("shared");
    md.ok("rm", "-f", "honest");
  });
});

test(
  "a set-user-ID program left in a container is out of reach of ordinary users (CVE-2021-41091)",
  needs("program:setpriv"),
  () => {
    // The engine's own folder is all that stands in the way.
    for (const folder of [tmpdir(), dirname(md.root), md.root]) chmodSync(folder, 0o755);
    md.ok("run", "--name", "planting", "base", "sh", "-c", "touch /planted; chmod 4755 /planted");
    const path = join(md.root, "containers", md.ok("inspect", "-f", "{{.Id}}", "planting"), "upper/planted");
    const isSeenBy = (uid: string) =>
      spawnSync("setpriv", ["--reuid", uid, "--clear-groups", "test", "-u", path]).status === 0;
    expect([isSeenBy("0"), isSeenBy("65534")]).toEqual([true, false]);
    md.ok("rm", "planting");
  },
);
