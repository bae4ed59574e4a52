import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cliForTests, ended, printed } from "../support/cli.ts";

const md = cliForTests();
const state = (name: string) => md.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);

describe("exit codes are Docker's", () => {
  test.each([
    ["the container's own", ["run", "--rm", "base", "sh", "-c", "exit 42"], 42],
    ["128 and the signal that ended it", ["run", "--rm", "--init", "base", "sh", "-c", "kill -9 $$"], 137],
    ["127 for a command that isn't there", ["run", "--rm", "base", "nosuch"], 127],
    ["126 for one that can't be executed", ["run", "--rm", "base", "/etc/passwd"], 126],
    ["125 for an image that isn't there", ["run", "--rm", "127.0.0.1:1/nosuch"], 125],
    ["125 for a flag that isn't there, in every verb", ["ps", "--nosuch"], 125],
    ["125 for a flag's value", ["stop", "-t", "soon", "x"], 125],
    ["1 for operands that lack", ["rm"], 1],
    ["1 for a container that isn't there", ["stop", "nosuch"], 1],
    ["1 for a verb that isn't there", ["nosuch"], 1],
  ])("%s", (_, argv, code) => {
    expect(md.call(...argv).code).toBe(code);
  });
});

describe("several names at once", () => {
  test("each is done, each failure is said, and the whole is a failure", () => {
    for (const name of ["one", "two"]) md.ok("create", "--name", name, "base", "sleep", "1000");
    const started = md.call("start", "one", "nosuch", "two");
    expect(started).toMatchObject({ code: 1, stdout: "one\ntwo\n" });
    expect(started.stderr).toContain("No such container: nosuch");
    const removed = md.call("rm", "one", "nosuch");
    expect(removed).toMatchObject({ code: 1, stdout: "" });
    expect(removed.stderr).toMatch(/cannot remove container "one": container is running.*\n.*nosuch/);
    expect(md.call("stop", "-t", "0", "one", "two")).toMatchObject({ code: 0, stdout: "one\ntwo\n" });
    expect(md.call("rm", "two", "one")).toMatchObject({ code: 0, stdout: "two\none\n" });
  });

  test("those that take long take it at the same time", () => {
    const ids = ["a1", "a2", "a3", "a4", "a5"].map((name) =>
      md.ok("run", "-d", "--name", name, "base", "sh", "-c", STUBBORN),
    );
    const began = performance.now();
    expect(md.call("stop", "-t", "3", ...ids).code).toBe(0);
    // One after the other they would have at least this much between them.
    expect(performance.now() - began).toBeLessThan(ids.length * 3000);
    md.ok("rm", ...ids);
  });
});

/** Hears SIGTERM and stays. */
const STUBBORN = "trap : TERM; while :; do sleep 0.1; done";

describe("a container is meant by", () => {
  test("its name, its id, or the beginning of its id", () => {
    const id = md.ok("create", "--name", "many", "base", "true");
    for (const wanted of ["many", id, id.slice(0, 12), id.slice(0, 5)]) {
      expect(md.ok("inspect", "-f", "{{.Id}}", wanted)).toBe(id);
    }
    md.ok("rm", id.slice(0, 4));
  });

  test("a name that no other has", () => {
    const id = md.ok("create", "--name", "taken", "base", "true");
    const second = md.call("create", "--name", "taken", "base", "true");
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`Conflict. The container name "/taken" is already in use by container "${id}"`);
    expect(md.call("run", "--name", "taken", "base", "true").code).toBe(125);
    md.ok("rename", "taken", "free");
    md.ok("create", "--name", "taken", "base", "true");
    expect(md.call("rename", "free", "taken").stderr).toContain("Conflict.");
    md.ok("rm", "taken", "free");
  });
});

describe("start", () => {
  test("-a stays with the container and exits as it does, -i types to it", () => {
    md.ok("create", "--name", "speaks", "base", "sh", "-c", "echo out; echo err >&2; exit 4");
    expect(md.call("start", "-a", "speaks")).toMatchObject({ code: 4, stdout: "out\n", stderr: "err\n" });
    md.ok("create", "-i", "--name", "echoes", "base", "cat");
    expect(md.callWith({ input: "hello\n" }, "start", "-i", "echoes").stdout).toBe("hello\n");
    expect(md.call("start", "-a", "speaks", "echoes").stderr).toContain("multiple containers at once");
    md.ok("rm", "speaks", "echoes");
  });

  test("of a command that can't be run says so, and leaves the container as it was made", () => {
    md.ok("create", "--name", "mute", "base", "nosuch");
    const { code, stderr } = md.call("start", "mute");
    expect(code).toBe(1);
    expect(stderr).toContain('exec: "nosuch": executable file not found in $PATH');
    expect(state("mute")).toMatch(/^created/);
    md.ok("rm", "mute");
  });
});

describe("of a monitor that is killed", () => {
  /** The process that it watches over is its child. */
  const killMonitorOf = (pid: number | string) => {
    const [, monitor] = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
    process.kill(Number(monitor), "SIGKILL");
  };
  const UNKNOWN = /^mini-docker: the (container|command)'s monitor was killed: .* how it ends is not known\n$/;

  test("run says so, with a code that is nobody's, and leaves nothing of --rm", async () => {
    const child = md.begin("run", "--rm", "--name", "lost", "base", "sh", "-c", "echo up; sleep 1000");
    const end = ended(child);
    await printed(child, /up/);
    killMonitorOf(md.ok("inspect", "-f", "{{.State.Pid}}", "lost"));
    expect(await end).toMatchObject({ code: 255, stderr: expect.stringMatching(UNKNOWN) });
    expect(md.ok("ps", "-aq")).toBe("");
  });

  test("exec does, too", async () => {
    const id = md.ok("run", "-d", "--name", "stays", "base", "sleep", "1000");
    const child = md.begin("exec", "stays", "sh", "-c", "echo up; sleep 1000");
    const end = ended(child);
    await printed(child, /up/);
    const execs = join(md.state, "containers", id, "execs");
    const [exec] = readdirSync(execs);
    killMonitorOf(JSON.parse(readFileSync(join(execs, exec!, "exec.json"), "utf8")).process.pid);
    expect(await end).toMatchObject({ code: 255, stderr: expect.stringMatching(UNKNOWN) });
    md.ok("rm", "-f", "stays");
  });
});

describe("attach", () => {
  test("sees what is printed from now on, and the end", async () => {
    md.ok("run", "-d", "-i", "--name", "waits", "base", "sh", "-c", "read word; echo got $word; exit 7");
    const attached = md.begin("attach", "waits");
    const end = ended(attached);
    attached.stdin.write("it\n");
    expect(await end).toMatchObject({ code: 7, stdout: "got it\n" });
    expect(md.call("attach", "waits").stderr).toContain("You cannot attach to a stopped container, start it first");
    md.ok("rm", "waits");
  });
});

test("a read-only container starts where it is told to, also where its image has no such folder", () => {
  expect(md.ok("run", "--rm", "--read-only", "-w", "/a/b", "base", "sh", "-c", "pwd; touch x 2>&1; true")).toMatch(
    /^\/a\/b\n.*Read-only file system$/,
  );
});

describe("stopping", () => {
  test("is first a signal and then the end; kill is only a signal", () => {
    md.ok("run", "-d", "--name", "stays", "base", "sh", "-c", STUBBORN);
    md.ok("kill", "-s", "TERM", "stays");
    expect(state("stays")).toBe("running 0");
    md.ok("stop", "-t", "1", "stays");
    expect(state("stays")).toBe("exited 137");
    md.ok("start", "stays");
    md.ok("kill", "stays");
    expect(state("stays")).toBe("exited 137");
    expect(md.call("kill", "stays").stderr).toContain("is not running");
    expect(md.call("kill", "-s", "NOSUCH", "stays").stderr).toContain("invalid signal: NOSUCH");
    md.ok("rm", "stays");
  });

  test("wait tells how it ended, whoever ended it", async () => {
    md.ok("run", "-d", "--name", "ends", "base", "sh", "-c", "trap 'exit 9' TERM; while :; do sleep 0.1; done");
    const waiting = ended(md.begin("wait", "ends"));
    md.ok("stop", "ends");
    expect((await waiting).stdout).toBe("9\n");
    expect(md.ok("wait", "ends")).toBe("9");
    md.ok("rm", "ends");
  });

  test("restart is a new process with the same files", () => {
    md.ok("run", "-d", "--name", "again", "base", "sh", "-c", "echo x >> /runs; sleep 1000");
    md.ok("restart", "-t", "0", "again");
    expect(md.ok("exec", "again", "cat", "/runs")).toBe("x\nx");
    md.ok("rm", "-f", "again");
  });
});

describe("pause", () => {
  test("stands still until unpause, and is neither paused twice nor started nor entered", () => {
    const id = md.ok("run", "-d", "--name", "still", "base", "sh", "-c", "while :; do echo x; sleep 0.05; done");
    md.ok("pause", "still");
    const lines = () => md.ok("logs", "still").length;
    const before = lines();
    expect(lines()).toBe(before);
    expect(md.call("pause", "still").stderr).toContain(`container ${id} is already paused`);
    expect(md.call("start", "still").stderr).toContain("cannot start a paused container, try unpause instead");
    expect(md.call("exec", "still", "true").stderr).toContain("is paused, unpause the container before exec");
    expect(md.call("attach", "still").stderr).toContain("You cannot attach to a paused container");
    md.ok("unpause", "still");
    expect(md.call("unpause", "still").stderr).toContain("is not paused");
    md.ok("rm", "-f", "still");
  });
});

describe("update", () => {
  test("changes limits at once and for later, and refuses what run refuses", () => {
    md.ok("run", "-d", "--name", "small", "-m", "64m", "base", "sleep", "1000");
    expect(md.ok("update", "--memory", "48m", "--pids-limit", "7", "--restart", "unless-stopped", "small")).toBe(
      "small",
    );
    const shown = "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}";
    expect(md.ok("inspect", "-f", shown, "small")).toBe(`${48 * 2 ** 20} 7 unless-stopped`);
    expect(md.ok("stats", "--no-stream", "--format", "{{.MemUsage}}", "small")).toMatch(/ \/ 48MiB$/);
    expect(md.call("update", "-m", "1m", "small").stderr).toContain("Minimum memory limit allowed is 6MB");
    expect(md.call("update", "small").stderr).toContain("you must provide one or more flags");
    md.ok("rm", "-f", "small");
  });
});

describe("rm -f", () => {
  test("takes a running one, and one that isn't there is no failure", () => {
    md.ok("run", "-d", "--name", "runs", "base", "sleep", "1000");
    expect(md.call("rm", "-f", "runs", "nosuch")).toMatchObject({ code: 0, stdout: "runs\n" });
  });

  test.each(["container.json", "state.json"])("takes one whose %s can't be read, and whatever runs in it", (file) => {
    const id = md.ok("run", "-d", "--name", "broken", "base", "sleep", "1000");
    const pid = md.ok("inspect", "-f", "{{.State.Pid}}", "broken");
    writeFileSync(join(md.root, "containers", id, file), "{");
    expect(md.call("rm", "broken").stderr).toContain("is not what a container's file looks like");
    expect(md.call("ps", "-a").code).toBe(1);
    md.ok("rm", "-f", "broken");
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(md.ok("ps", "-aq")).toBe("");
    md.ok("create", "--name", "broken", "base", "true");
    md.ok("rm", "broken");
  });
});

describe("rm -f of one whose state.json can't be read", () => {
  test("is not held up by a monitor that writes its last word meanwhile", () => {
    const id = md.ok("run", "-d", "--name", "talks", "base", "sleep", "1000");
    const folder = join(md.root, "containers", id);
    writeFileSync(join(folder, "state.json"), "{");
    const loop = "while : > draft && mv draft exit.json; do :; done";
    const monitor = spawn("sh", ["-c", loop.replace(/draft|exit.json/g, `${folder}/$&`)], { stdio: "ignore" });
    try {
      md.ok("rm", "-f", "talks");
    } finally {
      monitor.kill();
    }
    expect(md.ok("ps", "-aq")).toBe("");
  });
});

describe("-v of what another container has", () => {
  const outside = join(tmpdir(), `outside-${process.pid}`);
  const own = `echo of its own >/file; ln -s /file /link; ln -s ${outside} /out; exec sleep 1000`;
  let theirs: string;
  beforeAll(() => {
    md.ok("run", "-d", "--name", "other", "base", "sh", "-c", own);
    md.ok("exec", "other", "sh", "-c", "until [ -L /out ]; do sleep 0.1; done");
    theirs = `/proc/${md.ok("inspect", "-f", "{{.State.Pid}}", "other")}/root`;
  });

  test.each(["file", "link"])("a file, by its name or by a link's: /%s", (name) => {
    expect(md.ok("run", "--rm", "-v", `${theirs}/${name}:/here`, "base", "cat", "/here")).toBe("of its own");
  });

  test("what isn't there is not made, least of all where a link leads from out here", () => {
    const { code, stderr } = md.call("run", "--rm", "-v", `${theirs}/out/x:/here`, "base", "true");
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringMatching(/"\/out\/x".*= ENOENT/) });
    expect(existsSync(outside)).toBe(false);
  });
});

describe("run", () => {
  const cidfile = join(tmpdir(), "cid");

  test("--cidfile has the id, is not there if nothing was made, and is never written over", () => {
    expect(md.call("run", "--cidfile", "/nosuch/file", "base", "true")).toMatchObject({ code: 125, stdout: "" });
    expect(md.call("run", "--cidfile", cidfile, "localhost/nosuch").code).toBe(125);
    expect(existsSync(cidfile)).toBe(false);
    expect(md.call("run", "--name", "cid", "--cidfile", cidfile, "base", "nosuch").code).toBe(127);
    expect(readFileSync(cidfile, "utf8")).toBe(md.ok("inspect", "-f", "{{.Id}}", "cid"));
    expect(md.call("run", "--cidfile", cidfile, "base", "true").stderr).toContain("container ID file found");
    md.ok("rm", "cid");
  });

  test("-a chooses what is shown; the log has all", () => {
    const said = md.call("run", "--name", "half", "-a", "stderr", "base", "sh", "-c", "echo out; echo err >&2; exit 5");
    expect(said).toEqual({ code: 5, stdout: "", stderr: "err\n" });
    expect(md.call("logs", "half").stdout).toBe("out\n");
    md.ok("rm", "half");
  });

  test("--pull never means never, and what was made here is nowhere else", () => {
    expect(md.call("run", "--pull", "never", "nosuch").stderr).toContain("No such image: nosuch:latest");
    expect(md.ok("run", "--rm", "--pull", "always", "base", "echo", "here")).toBe("here");
    const said = md.call("run", "localhost/nosuch");
    expect(said).toMatchObject({ code: 125, stdout: "" });
    expect(said.stderr).toContain("Unable to find image 'localhost/nosuch:latest' locally");
  });

  test("-it without a terminal is refused, as keys can't be lent from a pipe", () => {
    expect(md.call("run", "-it", "base", "true")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the input device is not a TTY"),
    });
  });

  test("--restart starts it again behind its back; stop ends that", async () => {
    const said = md.call("run", "--name", "returns", "--restart", "on-failure:2", "base", "sh", "-c", "echo x; exit 6");
    expect(said).toMatchObject({ code: 6, stdout: "x\n" });
    await expect.poll(() => md.ok("logs", "returns"), { timeout: 20_000 }).toBe("x\nx\nx");
    await expect.poll(() => state("returns"), { timeout: 20_000 }).toBe("exited 6");
    md.ok("rm", "returns");
  });

  test("the words of a program are not Node's, --env-file neither", () => {
    const file = join(tmpdir(), "env");
    writeFileSync(file, "FROM_FILE=yes\n");
    expect(md.ok("run", "--rm", "--env-file", file, "base", "sh", "-c", "echo $FROM_FILE")).toBe("yes");
  });

  test("a reader that goes away ends a container's output, not the container", async () => {
    md.ok("run", "-d", "--name", "talks", "base", "sh", "-c", "while :; do echo x; sleep 0.02; done");
    const attached = md.begin("attach", "talks");
    await printed(attached, /x/);
    attached.kill("SIGKILL");
    expect(state("talks")).toBe("running 0");
    md.ok("rm", "-f", "talks");
  });
});
