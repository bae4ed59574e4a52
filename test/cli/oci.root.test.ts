import { type StdioOptions, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { LinuxSeccomp } from "../../src/07-security/index.ts";
import type { Hook } from "../../src/10-containers/spec/oci.ts";
import { fixture } from "../07-security/fixture.ts";
import { configOf } from "../support/bundles.ts";
import { needs } from "../support/needs.ts";
import { ociForTests } from "../support/oci.ts";

const oci = ociForTests();
const { ok, call, callWith, status, until } = oci;
const file = (name: string) => join(oci.folder, name);
const sh = (script: string) => ({ process: { args: ["sh", "-c", script] } });

const ASKS: LinuxSeccomp = {
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY" }],
};

/** Nobody reads what it prints. */
const quiet = { stdio: "ignore" } as const;

/** Running, and so until somebody ends it. */
function running(id: string, change: Parameters<typeof oci.bundle>[1] = sh("sleep 1000")): void {
  const { code } = callWith(quiet, "run", "-d", "-b", oci.bundle(id, change), id);
  if (code !== 0) throw new Error(`${id} could not be run`);
}

describe("create, start, kill, delete", () => {
  test("take a container through its states, and leave nothing", async () => {
    const bundle = oci.bundle("life", { ...sh("echo ran > /out; sleep 1000"), annotations: { a: "b" } });
    const pidFile = file("life.pid");
    expect(callWith(quiet, "create", "-b", bundle, "--pid-file", pidFile, "life").code).toBe(0);
    const { pid, ...state } = JSON.parse(ok("state", "life"));
    expect(state).toMatchObject({
      ociVersion: "1.0.2",
      id: "life",
      status: "created",
      bundle,
      annotations: { a: "b" },
    });
    expect(readFileSync(pidFile, "utf8")).toBe(String(pid));
    expect(existsSync(join(oci.rootfs, "out"))).toBe(false);

    expect(call("delete", "life").stderr).toContain("cannot delete container life that is not stopped: created");
    ok("start", "life");
    expect(status("life")).toBe("running");
    expect(call("start", "life").stderr).toContain("cannot start a container that is running");
    await until(() => existsSync(join(oci.rootfs, "out")));
    expect(JSON.parse(ok("list", "-f", "json"))).toMatchObject([{ id: "life", pid, status: "running" }]);

    ok("kill", "life", "KILL");
    await until(() => status("life") === "stopped");
    expect(call("kill", "life", "KILL").stderr).toContain("container not running");
    ok("delete", "life");
    expect(call("state", "life")).toMatchObject({ code: 1, stderr: expect.stringContaining("does not exist") });
    expect(existsSync(oci.root)).toBe(false);
  });

  test.each([
    ["a program that isn't there", { process: { args: ["nosuch"] } }, 127, 'exec: "nosuch": executable file not found'],
    ["one that can't be run", { process: { args: ["/etc/passwd"] } }, 126, "permission denied"],
    ["a value the specification lacks", { linux: { namespaces: [{ type: "nosuch" }] } }, 1, "unknown type: nosuch"],
    ["a mount that can't be", { mounts: [{ destination: "/x", type: "nosuch" }] }, 1, "refused fsopen"],
    ["a filter that asks nobody", { linux: { seccomp: ASKS } }, 1, "listenerPath names none"],
    [
      "one that asks where nobody listens",
      { linux: { seccomp: { ...ASKS, listenerPath: "/nosuch/agent" } } },
      1,
      "refused connect",
    ],
    ["a terminal for nobody", { process: { terminal: true } }, 1, "without setting console socket"],
  ])("refuse %s, say so where it is looked for, and leave nothing", needs("speed"), (_, change, code, message) => {
    const log = file("refused.log");
    const words = ["--log", log, "--log-format", "json", "create", "-b", oci.bundle("refused", change as object), "no"];
    expect(call(...words)).toMatchObject({ code, stderr: expect.stringContaining(message) });
    const last = readFileSync(log, "utf8").trim().split("\n").at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ level: "error", msg: expect.stringContaining(message) });
    expect(existsSync(join(oci.root, "no"))).toBe(false);
  });

  test("a container without a process can be created, and not started", needs("speed"), async () => {
    const bundle = oci.bundle("none");
    writeFileSync(
      join(bundle, "config.json"),
      JSON.stringify({ ...configOf({ root: { path: oci.rootfs } }), process: undefined }),
    );
    expect(callWith(quiet, "create", "-b", bundle, "none").code).toBe(0);
    expect(call("start", "none").stderr).toContain("names no process to run");
    await until(() => status("none") === "stopped");
    ok("delete", "none");
  });

  test("an id that is taken, or none at all", () => {
    running("taken");
    expect(call("create", "-b", file("taken"), "taken").stderr).toContain("already exists");
    expect(call("create", "-b", file("taken"), "../x").stderr).toContain("invalid container ID");
    expect(call("create").code).not.toBe(0);
    ok("delete", "--force", "taken");
    ok("delete", "--force", "taken");
  });
});

describe("run", needs("speed"), () => {
  test("stays, exits as the container does, and leaves nothing", () => {
    const bundle = oci.bundle("stay", sh("read word; echo $word $$; exit 7"));
    expect(callWith({ input: "typed\n" }, "run", "-b", bundle, "stay")).toMatchObject({ code: 7, stdout: "typed 1\n" });
    expect(call("state", "stay").code).toBe(1);
  });

  test("shows a terminal of the container's in ours", () => {
    const change = { process: { terminal: true, args: ["sh", "-c", "tty; test -t 1 && echo yes"] } };
    const said = callWith({ input: "" }, "run", "-b", oci.bundle("tty", change), "tty");
    expect(said).toMatchObject({ code: 0, stdout: "/dev/pts/0\r\nyes\r\n" });
  });

  test("hands over descriptors from 3 on, and no others", () => {
    writeFileSync(file("three"), "three");
    writeFileSync(file("four"), "four");
    const fds = [openSync(file("three"), "r"), openSync(file("four"), "r")];
    const bundle = oci.bundle("fds", sh("cat /dev/fd/3; cat /dev/fd/4; echo; ls /proc/self/fd | wc -l"));
    const stdio = ["ignore", "pipe", "pipe", ...fds] as never;
    // 0, 1, 2, those two, and the one with which the folder is read.
    expect(callWith({ stdio }, "run", "--preserve-fds", "2", "-b", bundle, "fds").stdout).toBe("threefour\n6\n");
    expect(callWith({ stdio }, "run", "-b", bundle, "fds").stdout).toBe("\n4\n");
    for (const fd of fds) closeSync(fd);
  });

  test("without a root that can be pivoted", () => {
    const bundle = oci.bundle("move", sh("ls / | grep -c usr; cat /proc/self/mountinfo | cut -d' ' -f5 | head -1"));
    expect(call("run", "--no-pivot", "-b", bundle, "move").stdout).toBe("1\n/\n");
  });
});

describe("exec", () => {
  test("by flags, and by a file; with the container's limits and group", () => {
    running("box", { ...sh("sleep 1000"), hostname: "inside" });
    expect(
      call(
        "exec",
        "-e",
        "A=b",
        "--cwd",
        "/usr",
        "-u",
        "7:8",
        "box",
        "sh",
        "-c",
        "echo $A; pwd; id -u; id -g; hostname",
      ),
    ).toMatchObject({ code: 0, stdout: "b\n/usr\n7\n8\ninside\n" });
    const process = {
      args: ["sh", "-c", "echo $0 $X; exit 4", "me"],
      env: ["X=y", "PATH=/bin"],
      cwd: "/",
      user: { uid: 0, gid: 0 },
    };
    writeFileSync(file("process.json"), JSON.stringify(process));
    expect(call("exec", "--process", file("process.json"), "box")).toMatchObject({ code: 4, stdout: "me y\n" });
    expect(call("exec", "box", "nosuch")).toMatchObject({ code: 127 });
    expect(call("exec", "-t", "box", "tty").stdout).toBe("/dev/pts/0\r\n");
  });

  test("-d leaves it running, and ps lists it", () => {
    const pidFile = file("exec.pid");
    expect(callWith(quiet, "exec", "-d", "--pid-file", pidFile, "box", "sleep", "999").code).toBe(0);
    const pid = Number(readFileSync(pidFile, "utf8"));
    expect(JSON.parse(ok("ps", "-f", "json", "box"))).toEqual(
      [JSON.parse(ok("state", "box")).pid, pid].sort((a, b) => a - b),
    );
    expect(ok("ps", "box")).toContain("sleep 999");
  });

  test("not while it stands still, unless that is meant", () => {
    ok("pause", "box");
    expect(status("box")).toBe("paused");
    expect(call("exec", "box", "true").stderr).toContain("paused container");
    expect(call("resume", "box").code).toBe(0);
    expect(call("resume", "box").stderr).toContain("cannot resume a container that is running");
    ok("kill", "--all", "box", "KILL");
    ok("delete", "-f", "box");
    expect(call("exec", "box", "true").code).toBe(1);
  });
});

describe("limits", () => {
  test("change while it runs, and events tell what it uses", () => {
    running("limited", {
      ...sh("sleep 1000"),
      linux: { namespaces: [{ type: "mount" }, { type: "pid" }], resources: { pids: { limit: 50 } } },
    });
    const stats = () => JSON.parse(ok("events", "--stats", "limited"));
    expect(stats()).toMatchObject({ type: "stats", id: "limited", data: { pids: { limit: 50 } } });
    ok("update", "--pids-limit", "40", "limited");
    expect(stats().data.pids.limit).toBe(40);
    callWith({ input: '{"pids":{"limit":30}}' }, "update", "-r", "-", "limited");
    expect(stats().data.pids.limit).toBe(30);
    ok("delete", "-f", "limited");
  });
});

describe("hooks", needs("speed"), () => {
  const hook = (name: string, script = ""): Hook => ({
    path: "/bin/sh",
    args: [
      "sh",
      "-c",
      `${script} echo ${name} $(cat | sed 's/.*"status":"\\([a-z]*\\)".*/\\1/') $(hostname) >> ${file("hooks.txt")}`,
    ],
    env: ["PATH=/bin:/usr/bin"],
  });
  const here = spawnSync("hostname", { encoding: "utf8" }).stdout.trim();
  const told = () => readFileSync(file("hooks.txt"), "utf8").trim().split("\n");

  test("run at their moments, in their places, and are told the state", () => {
    writeFileSync(file("hooks.txt"), "");
    // What runs in the container finds that file under its own name there.
    const mounts = [
      { destination: file("hooks.txt"), type: "bind", source: file("hooks.txt") },
      { destination: "/proc", type: "proc" },
    ];
    const names = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"] as const;
    const hooks = Object.fromEntries(names.map((name) => [name, [hook(name)]]));
    const bundle = oci.bundle("hooked", { hooks, hostname: "inside", mounts });
    expect(call("run", "-b", bundle, "hooked").code).toBe(0);
    expect(told()).toEqual([
      `prestart created ${here}`,
      `createRuntime creating ${here}`,
      "createContainer creating inside",
      "startContainer created inside",
      `poststart running ${here}`,
      `poststop stopped ${here}`,
    ]);
  });

  test.each(["prestart", "createRuntime", "createContainer"])("a %s that fails ends it all", (name) => {
    const bundle = oci.bundle("failing", {
      hooks: { [name]: [{ path: "/bin/sh", args: ["sh", "-c", "echo why >&2; exit 3"] }] },
    });
    expect(call("create", "-b", bundle, "failing")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("exited with 3"),
    });
    expect(existsSync(join(oci.root, "failing"))).toBe(false);
  });

  test("a poststart or poststop that fails is said, and no more", () => {
    const failing = [{ path: "/bin/false" }];
    const bundle = oci.bundle("late", { hooks: { poststart: failing, poststop: failing } });
    const { code, stderr } = call("run", "-b", bundle, "late");
    expect(code).toBe(0);
    expect(stderr.match(/WARNING: hook \/bin\/false exited with 1/g)).toHaveLength(2);
  });

  test("one that takes too long is ended", () => {
    for (const name of ["createRuntime", "createContainer"]) {
      const hooks = { [name]: [{ path: "/bin/sleep", args: ["sleep", "100"], timeout: 1 }] };
      expect(call("create", "-b", oci.bundle("slow", { hooks }), "slow").stderr).toContain("took longer than 1 s");
    }
  });
});

describe("what is asked of a process", needs("speed"), () => {
  test("its scheduling, priority and personality", needs("program:chrt"), () => {
    const process = {
      args: ["sh", "-c", "uname -m; cut -d' ' -f19,41 /proc/self/stat"],
      scheduler: { policy: "SCHED_BATCH", nice: 5 },
      ioPriority: { class: "IOPRIO_CLASS_IDLE" as const, priority: 0 },
    };
    const linux = {
      namespaces: [{ type: "mount" as const }, { type: "pid" as const }],
      personality: { domain: "LINUX32" as const },
    };
    const bundle = oci.bundle("scheduled", { process, linux });
    expect(ok("run", "-b", bundle, "scheduled")).toMatch(/^i?\d*86.*\n5 3$|^arm.*\n5 3$/);
  });
});

describe("mounts", () => {
  test("a tmpfs that begins with what it covers, one changed later, and other owners", () => {
    const mounts = [
      { destination: "/proc", type: "proc" },
      { destination: "/etc", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup", "size=8m"] },
      { destination: "/b", type: "bind", source: oci.folder, options: ["bind", "mode=755"] },
      { destination: "/proc", type: "proc", options: ["remount", "bind", "nosuid", "ro"] },
    ];
    const script =
      "cmp /etc/passwd /etc/passwd && grep -c root: /etc/passwd; grep -o ' /proc [^ ]*' /proc/self/mountinfo | head -1; touch /etc/new";
    const bundle = oci.bundle("mounts", { mounts, ...sh(script) });
    expect(ok("run", "-b", bundle, "mounts")).toBe("1\n /proc ro,nosuid,relatime");
    expect(existsSync(join(oci.rootfs, "etc/new"))).toBe(false);
  });
});

test("spec writes what run runs, and features says what there is", needs("speed"), () => {
  ok("spec", "-b", oci.folder);
  const config = JSON.parse(readFileSync(file("config.json"), "utf8"));
  writeFileSync(
    file("config.json"),
    JSON.stringify({
      ...config,
      root: { path: "base/rootfs" },
      process: { ...config.process, terminal: false, args: ["id", "-u"] },
    }),
  );
  expect(ok("run", "-b", oci.folder, "template")).toBe("0");
  expect(call("spec", "-b", oci.folder).stderr).toContain("exists already");
  expect(JSON.parse(ok("features"))).toMatchObject({ ociVersionMax: "1.2.0", linux: { seccomp: { enabled: true } } });
  expect(ok("--version")).toMatch(/^mini-docker-oci version \d+\.\d+\.\d+\nspec: 1\.2\.0$/);
});

describe("a filter that asks about calls", needs("program:cc", "speed"), () => {
  const listenerPath = file("agent.socket");
  const EXDEV = 18;

  /** Starts an agent, and does something while it listens; what he was told, and how many bytes more. */
  async function asked(work: () => void): Promise<{ told: Record<string, unknown>; rest: string[] }> {
    rmSync(listenerPath, { force: true });
    const agent = spawn(fixture("agent"), [listenerPath, String(EXDEV)]);
    const output = text(agent.stdout);
    await until(() => existsSync(listenerPath));
    work();
    const [state = "", ...rest] = (await output).trim().split("\n");
    return { told: JSON.parse(state), rest };
  }

  test("is answered by who listens, who is told whose calls they are; without him there is no such call", async () => {
    const seccomp = { ...ASKS, listenerPath, listenerMetadata: "of one" };
    const { process } = sh("mkdir /a; mkdir /b; sleep 1000");
    const bundle = oci.bundle("asks", { process, linux: { seccomp }, annotations: { a: "b" } });
    const output = openSync(file("asks.out"), "w");
    const first = await asked(() => {
      const stdio: StdioOptions = ["ignore", output, output];
      expect(callWith({ stdio }, "run", "-d", "-b", bundle, "asks").code).toBe(0);
      closeSync(output);
    });
    const { pid } = JSON.parse(ok("state", "asks"));
    const state = { ociVersion: "1.0.2", id: "asks", status: "creating", pid, bundle, annotations: { a: "b" } };
    expect(first.told).toEqual({ ociVersion: "1.0.2", fds: ["seccompFd"], pid, metadata: "of one", state });
    expect(first.rest).toEqual(["0", "0"]);
    const said = () => readFileSync(file("asks.out"), "utf8");
    await until(() => said().trim().split("\n").length === 2);
    expect(said()).toMatch(/'\/a'.*cross-device.*\n.*'\/b'.*Function not implemented/);

    let exec = { stderr: "" };
    const second = await asked(() => {
      exec = call("exec", "asks", "mkdir", "/c");
    });
    expect(exec.stderr).toContain("cross-device");
    expect(second.told).toMatchObject({ metadata: "of one", state: { status: "running", pid } });
    expect(second.told.pid).not.toBe(pid);
    ok("delete", "-f", "asks");
  });
});
