import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { lockStore } from "../../src/06-images/lock.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const config = (image: string) => JSON.parse(md.ok("inspect", "--format", "{{json .Config}}", image));

describe("commit", needs("overlay"), () => {
  test("makes an image of what a container changed, running or not", () => {
    md.ok(
      "run",
      "-d",
      "--name",
      "on",
      "-v",
      "/proc:/given",
      "base",
      "sh",
      "-c",
      "echo 1 > /f; rm /bin/vi; touch /ready; sleep 1000",
    );
    while (md.call("exec", "on", "test", "-e", "/ready").code !== 0);
    const id = md.ok("commit", "on", "made");
    expect(md.ok("exec", "on", "echo", "goes on")).toBe("goes on");
    md.ok("stop", "-t", "0", "on");
    expect(md.ok("commit", "on", "made:again")).toMatch(/^sha256:[0-9a-f]{64}$/);
    const look = "cat /f; ls /bin/vi 2>/dev/null; ls -A /etc; ls -d /given";
    const etc = md.ok("run", "--rm", "base", "ls", "-A", "/etc");
    for (const image of [id, "made:again"]) {
      expect(md.ok("run", "--rm", image, "sh", "-c", look)).toBe(`1\n${etc}\n/given`);
    }
  });

  test("keeps what the container was asked for, and takes changes", () => {
    const flags = ["-e", "A=1", "-w", "/tmp", "-u", "nobody", "-l", "x=y", "--entrypoint", "echo"];
    md.ok("run", "--name", "asked", ...flags, "base", "hello");
    md.ok("commit", "-a", "me", "-m", "why", "-c", "ENV B=2", "-c", "EXPOSE 80", "asked", "kept");
    expect(md.ok("run", "--rm", "kept")).toBe("hello");
    expect(config("kept")).toMatchObject({
      Env: expect.arrayContaining(["A=1", "B=2"]),
      WorkingDir: "/tmp",
      User: "nobody",
      Labels: { x: "y" },
      ExposedPorts: { "80/tcp": {} },
    });
    expect(md.ok("history", "kept")).toContain("why");
  });

  test("that is killed leaves nothing paused", async () => {
    md.ok("run", "-d", "--name", "going", "base", "sh", "-c", "while :; do echo . >> /ticks; sleep 0.05; done");
    const ticks = () => readFileSync(join(md.root, "containers", id, "upper/ticks")).length;
    const id = md.ok("inspect", "--format", "{{.Id}}", "going");
    while (!existsSync(join(md.root, "containers", id, "upper/ticks"))) await sleep(10);
    // Whoever throws images away holds the store alone: the commit waits, and its container with it.
    const store = lockStore(md.root)!;
    const commit = md.begin("commit", "going");
    const state = () => JSON.parse(readFileSync(join(md.root, "containers", id, "state.json"), "utf8")).status;
    while (state() !== "paused") await sleep(10);
    commit.kill("SIGKILL");
    await once(commit, "close");
    store.close();
    const before = ticks();
    await sleep(300);
    expect(ticks()).toBe(before);
    expect(md.ok("ps", "--filter", "name=going", "--format", "{{.State}}")).toBe("running");
    while (ticks() === before) await sleep(10);
    expect(md.ok("inspect", "--format", "{{.State.Paused}}", "going")).toBe("false");
  });

  test("without a pause takes files as they come, from a container that never stands still", () => {
    md.ok("run", "-d", "--name", "busy", "base", "sh", "-c", "while :; do mkdir -p /d; date > /d/f; rm -r /d; done");
    for (let count = 0; count < 5; count++) md.ok("commit", "--pause=false", "busy", "busy-image");
    md.ok("run", "--rm", "busy-image", "ls", "/bin/sh");
    expect(
      md.ok("events", "--since", "1", "--until", "0s", "--filter", "event=pause", "--filter", "container=busy"),
    ).toBe("");
  });

  test("refuses what there is not, and what is no instruction", () => {
    expect(md.call("commit", "nobody").stderr).toContain("No such container: nobody");
    expect(md.call("commit", "-c", "RUN x", "asked").stderr).toContain("RUN is not a valid change command");
    expect(md.call("commit", "asked", "A B").stderr).toContain("invalid reference format");
  });
});
