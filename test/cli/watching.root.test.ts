import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { cliForTests, ended, printed } from "../support/cli.ts";

const md = cliForTests();

describe("logs", () => {
  test("each stream to ours, whole or its end, with times or without", () => {
    md.call("run", "--name", "said", "base", "sh", "-c", "echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; printf 3");
    expect(md.call("logs", "said")).toMatchObject({ stdout: "1\n3", stderr: "2\n" });
    expect(md.call("logs", "-n", "1", "said")).toMatchObject({ stdout: "3", stderr: "" });
    expect(md.call("logs", "--tail", "0", "said")).toMatchObject({ stdout: "", stderr: "" });
    expect(md.call("logs", "-n", "all", "said").stdout).toBe("1\n3");
    const stamped = md.call("logs", "-t", "said");
    expect(stamped.stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z 1\n\S+Z 3$/);
    const [first] = stamped.stdout.split(" ");
    const [second] = stamped.stderr.split(" ");
    expect(md.call("logs", "--since", second!, "said")).toMatchObject({ stdout: "3", stderr: "2\n" });
    expect(md.call("logs", "--until", first!, "said")).toMatchObject({ stdout: "1\n", stderr: "" });
    expect(md.call("logs", "--until", "10m", "said").stdout).toBe("");
    expect(md.call("logs", "--since", "soon", "said").stderr).toContain('invalid value for "since"');
    md.ok("rm", "said");
  });

  test("-f tells the rest as it comes, and ends with the container", async () => {
    md.ok("run", "-d", "-i", "--name", "talks", "base", "sh", "-c", "echo early; while read word; do echo $word; done");
    const following = md.begin("logs", "-f", "talks");
    const said = ended(following);
    await printed(following, /early/);
    const attached = md.begin("attach", "talks");
    attached.stdin.write("late\n");
    await printed(following, /late/);
    attached.stdin.end("last\n");
    expect((await said).stdout).toBe("early\nlate\nlast\n");
    expect(md.call("logs", "-f", "talks").stdout).toBe("early\nlate\nlast\n");
    md.ok("rm", "talks");
  });

  test("-f has the last words of a container that is removed with its log", async () => {
    md.ok("run", "-d", "--rm", "--name", "goes", "base", "sh", "-c", "echo first; sleep 1; echo last");
    const said = await ended(md.begin("logs", "-f", "goes"));
    expect(said).toMatchObject({ code: 0, stdout: "first\nlast\n" });
    // The log's end is heard before all of the container is gone.
    while (md.ok("ps", "-aq") !== "") await sleep(50);
  });

  test("-f misses nothing while the log is rotated under it", async () => {
    // Twenty megabytes: a file is full at ten, and the last three are kept.
    const count = 25_000;
    const line = "x".repeat(700);
    const script = `i=0; while [ $i -lt ${count} ]; do echo "$i ${line}"; i=$((i+1)); done`;
    md.ok("run", "-d", "--name", "floods", "base", "sh", "-c", `sleep 1; ${script}`);
    const { stdout } = await ended(md.begin("logs", "-f", "floods"));
    const numbers = stdout.split("\n").flatMap((text) => (text === "" ? [] : [Number.parseInt(text, 10)]));
    expect(numbers.length).toBe(count);
    expect(numbers.every((number, index) => number === index)).toBe(true);
    expect(existsSync(`${md.ok("inspect", "-f", "{{.LogPath}}", "floods")}.1`)).toBe(true);
    md.ok("rm", "floods");
  }, 120_000);
});

describe("events", () => {
  test("tell a container's life in its order, now and afterwards", async () => {
    const began = String(Date.now() / 1000);
    const listening = md.begin("events", "--since", began, "-f", "container=lives", "--format", "{{.Action}}");
    const told = printed(listening, /destroy/);
    md.ok("run", "-d", "--name", "lives", "-l", "a=b", "base", "sleep", "1000");
    md.ok("pause", "lives");
    md.ok("unpause", "lives");
    md.ok("exec", "lives", "true");
    md.ok("stop", "-t", "0", "lives");
    md.ok("rm", "lives");
    const actions = [
      "create",
      "start",
      "pause",
      "unpause",
      "exec_start: true",
      "exec_die",
      "kill",
      "die",
      "stop",
      "destroy",
    ];
    expect((await told).trim().split("\n")).toEqual(actions);
    listening.kill();

    const past = (...argv: string[]) => md.ok("events", "--since", began, "--until", "0s", ...argv).split("\n");
    expect(past("--format", "{{.Action}}")).toEqual(actions);
    expect(
      past("-f", "event=die", "-f", "event=exec_die", "--format", "{{.Action}} {{.Actor.Attributes.exitCode}}"),
    ).toEqual(["exec_die 0", "die 137"]);
    expect(past("-f", "event=start")[0]).toMatch(/^\S+Z container start [0-9a-f]{64} \(a=b, image=base, name=lives\)$/);
    const event = JSON.parse(past("-f", "event=start", "--format", "json")[0]!);
    expect(event).toMatchObject({ status: "start", from: "base", Type: "container", scope: "local" });
    expect(past("-f", "label=a=c")).toEqual([""]);
    expect(past("-f", "type=image")).toEqual([""]);
    const times = past("--format", "{{.TimeNano}}").map(BigInt);
    expect(times.every((time, index) => index === 0 || time >= times[index - 1]!)).toBe(true);
    expect(md.call("events", "--filter", "nosuch=1").stderr).toContain("invalid filter 'nosuch'");
  });
});

describe("top and stats", () => {
  test("top is ps, of the container's processes alone", () => {
    md.ok("run", "-d", "--name", "works", "base", "sh", "-c", "sleep 1001 & sleep 1002");
    const lines = md.ok("top", "works").split("\n");
    expect(lines[0]).toMatch(/^UID {17}PID {17}PPID/);
    expect(
      lines
        .slice(1)
        .map((line) => /sleep \d+/.exec(line)?.[0])
        .sort(),
    ).toEqual(["sleep 1001", "sleep 1002"]);
    const pid = md.ok("inspect", "-f", "{{.State.Pid}}", "works");
    expect(md.ok("top", "works", "-o", "pid,args")).toContain(pid);
    expect(md.call("top", "works", "-o", "args").stderr).toContain("Couldn't find PID field in ps output");
    expect(md.call("top", "works", "--nosuch").code).toBe(1);
    md.ok("rm", "-f", "works");
    md.ok("create", "--name", "works", "base", "true");
    expect(md.call("top", "works").stderr).toContain("is not running");
    md.ok("rm", "works");
  });

  test("stats: who is busy shows it, who is limited has a limit, who stopped uses nothing", () => {
    md.ok("run", "-d", "--name", "busy", "--cpus", "0.3", "-m", "64m", "base", "sh", "-c", "while :; do :; done");
    md.ok("run", "-d", "--name", "idle", "base", "sleep", "1000");
    md.ok("create", "--name", "over", "base", "true");
    const rows = md
      .ok("stats", "-a", "--no-stream", "--format", "json")
      .split("\n")
      .map((line) => JSON.parse(line));
    const [over, idle, busy] = ["over", "idle", "busy"].map((name) => rows.find(({ Name }) => Name === name));
    expect(rows).toHaveLength(3);
    expect(Number.parseFloat(busy.CPUPerc)).toBeGreaterThan(1);
    expect(Number.parseFloat(busy.CPUPerc)).toBeLessThan(45);
    expect(busy.MemUsage).toMatch(/^[\d.]+KiB \/ 64MiB$/);
    expect(Number.parseFloat(busy.MemPerc)).toBeGreaterThan(0);
    expect(Number.parseFloat(idle.CPUPerc)).toBeLessThan(3);
    expect(idle).toMatchObject({ PIDs: "1", NetIO: "0B / 0B" });
    expect(over).toMatchObject({ CPUPerc: "0.00%", MemUsage: "0B / 0B", PIDs: "0" });
    expect(md.ok("stats", "--no-stream", "idle").split("\n")).toHaveLength(2);
    expect(md.call("stats", "--no-stream", "nosuch").code).toBe(1);
    md.ok("rm", "-f", "busy", "idle", "over");
  });

  test("stats goes on until its containers are gone", async () => {
    md.ok("run", "-d", "--name", "short", "base", "sleep", "1000");
    const watching = md.begin("stats", "--format", "{{.Name}}", "short");
    const end = ended(watching);
    await printed(watching, /short\nshort/);
    md.ok("rm", "-f", "short");
    expect((await end).code).toBe(0);
  });
});
