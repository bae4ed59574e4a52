import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

// One set of flags, three machines: cgroup v1, v2 and hybrid must not differ in what a person sees.
const md = cliForTests();
const inspect = (name: string, field: string) => md.ok("inspect", "-f", `{{${field}}}`, name);

describe("a container's limits", () => {
  test("on memory: the hog is killed, and that is what inspect says", () => {
    const { code } = md.call("run", "--name", "hog", "--memory", "16m", "base", "sh", "-c", "exec tail /dev/zero");
    expect(code).toBe(137);
    expect(inspect("hog", ".State.OOMKilled")).toBe("true");
    md.ok("rm", "hog");
  });

  test("on processes: a fork bomb ends in itself, and the next command goes on", () => {
    const bomb = "bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 1; echo";
    md.ok("run", "-d", "--name", "bomb", "--pids-limit", "20", "base", "sh", "-c", `${bomb}; sleep 1000`);
    expect(md.ok("run", "--rm", "base", "echo", "here")).toBe("here");
    md.ok("rm", "-f", "bomb");
  });

  test("on processors: it sees and runs on the one it was given", () => {
    const said = md.ok("run", "--rm", "--cpuset-cpus", "0", "base", "grep", "Cpus_allowed_list", "/proc/self/status");
    expect(said.split(/\s+/)[1]).toBe("0");
  });

  test("on devices: a node made inside is of no use if it isn't on the list", () => {
    const open = (major: number, minor: number) =>
      `mknod /n c ${major} ${minor} && head -c 1 /n 2>&1 > /dev/null; echo $?; rm /n`;
    const said = md.ok("run", "--rm", "base", "sh", "-c", `${open(1, 5)}; ${open(1, 11)}`);
    expect(said).toMatch(/^0\n.*not permitted\n1$/);
  });

  test("on devices: a privileged container has the host's, all of them", () => {
    const list = "ls /dev; head -c 4 /dev/kmsg | wc -c";
    const nodes = md.ok("run", "--rm", "--privileged", "base", "sh", "-c", list).split("\n");
    expect(nodes).toEqual(expect.arrayContaining(["kmsg", "loop-control", "pts"]));
    expect(md.ok("run", "--rm", "base", "ls", "/dev").split("\n")).not.toContain("kmsg");
  });

  test("are those of what is executed in it too", () => {
    md.ok("run", "-d", "--name", "box", "--memory", "16m", "base", "sleep", "1000");
    expect(md.call("exec", "box", "sh", "-c", "exec tail /dev/zero").code).toBe(137);
    expect(inspect("box", ".State.Status")).toBe("running");
    md.ok("rm", "-f", "box");
  });
});

test("what is paused stands still: its processor time doesn't grow", needs("speed"), async () => {
  md.ok("run", "-d", "--name", "busy", "base", "sh", "-c", "while :; do :; done");
  md.ok("pause", "busy");
  const before = usedTime("busy");
  await sleep(300);
  expect(usedTime("busy")).toBe(before);
  md.ok("unpause", "busy");
  md.ok("rm", "-f", "busy");
});

/** What the host's kernel has counted for the container's first process: user and system time, in ticks. */
function usedTime(name: string): string {
  const stat = readFileSync(`/proc/${inspect(name, ".State.Pid")}/stat`, "utf8");
  return stat.split(" ").slice(13, 15).join(" ");
}
