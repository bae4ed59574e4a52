// Containers that take all they can get, disks that have no room, and many hands at once: the engine goes on, says in a
// line what it can't do, and leaves nothing. (Limits on memory and processes have tests of their own: test/cli/limits.)

import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Container, containerIds, locked } from "../../src/10-containers/container.ts";
import type { Roots } from "../../src/10-containers/folders.ts";
import { isAlive } from "../../src/10-containers/identity.ts";
import { removeContainer } from "../../src/10-containers/remove.ts";
import { allContainers } from "../../src/10-containers/settle.ts";
import { startContainer } from "../../src/10-containers/start.ts";
import { cliForTests, ended, PROGRAM, type Said } from "../support/cli.ts";
import { buildScript, leftovers, makeContainer, temporaryRoots } from "../support/engine.ts";
import { buildFixture } from "../support/native.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const state = (name: string) => md.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name);

/** All that the engine keeps of containers, by their places on disk. */
function kept({ root, state }: Roots): string[] {
  const folders = [join(root, "containers"), join(root, "names"), join(state, "containers")];
  return folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
}

describe("a container that won't go", () => {
  test("hears its stop signal, ignores it, and is killed when its time is up", () => {
    md.ok("run", "-d", "--name", "deaf", "base", "sh", "-c", "trap '' TERM; while :; do sleep 1; done");
    const began = performance.now();
    md.ok("stop", "-t", "1", "deaf");
    expect(performance.now() - began).toBeGreaterThan(1000);
    expect(state("deaf")).toBe("exited 137");
    md.ok("rm", "deaf");
  });

  test("goes with all it has started, where they share the host's process ids", () => {
    md.ok("run", "--rm", "--pid", "host", "base", "sh", "-c", "setsid sleep 4242 & sleep 0.1");
    expect(spawnSync("pgrep", ["-f", "^sleep 4242$"]).status).toBe(1);
  });
});

test("a container that writes without end has a log of three files of ten megabytes, and is heard to its end", async () => {
  md.ok(
    "run",
    "-d",
    "--name",
    "flood",
    "base",
    "sh",
    "-c",
    "yes a line of some length, to have fewer of them than bytes",
  );
  const folder = join(md.root, "containers", md.ok("inspect", "-f", "{{.Id}}", "flood"));
  while (!existsSync(join(folder, "container.log.2"))) await sleep(50);
  // While it writes, one of them may just be getting its new name.
  md.ok("stop", "-t", "0", "flood");
  const files = readdirSync(folder).filter((name) => name.startsWith("container.log"));
  expect(files.sort()).toEqual(["container.log", "container.log.1", "container.log.2"]);
  for (const name of files) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(10 * 1024 * 1024);
  expect(md.ok("logs", "--tail", "1", "flood")).toMatch(/^a line/);
  md.ok("rm", "flood");
  expect(kept(md)).toEqual([]);
});

test("folders a thousand deep, and names that are no text, go with their container and stop no other command", () => {
  const program = buildFixture("go-deep", { isStatic: true });
  const script = `cd /root; touch "$(printf '\\377')"; mkdir "$(printf '\\200')"; /attack/go-deep 1000; chmod 0 /root/*`;
  md.ok("run", "--name", "deep", "-v", `${join(program, "..")}:/attack:ro`, "base", "sh", "-c", script);
  expect(md.ok("ps", "-as")).toContain("deep");
  md.ok("rm", "deep");
  expect(md.ok("ps", "-aq")).toBe("");
  expect(kept(md)).toEqual([]);
});

test("execs leave no more behind than the last hundred", () => {
  md.ok("run", "-d", "--name", "busy", "base", "sleep", "1000");
  const execs = join(md.state, "containers", md.ok("inspect", "-f", "{{.Id}}", "busy"), "execs");
  for (let number = 0; number < 150; number++) {
    mkdirSync(join(execs, `${number}`), { recursive: true });
    writeFileSync(join(execs, `${number}`, "exit.json"), '{"exitCode":0}');
  }
  md.ok("exec", "busy", "true");
  expect(readdirSync(execs).length).toBe(1);
  md.ok("rm", "-f", "busy");
});

describe("many at once", () => {
  test("two of one name: one is made, the other told so, nothing is left of it", async () => {
    const both = await Promise.all(
      [1, 2].map(() => ended(md.begin("run", "-d", "--name", "same", "base", "sleep", "1000"))),
    );
    const [won, lost] = both.sort((one, other) => one.code - other.code);
    expect([won!.code, lost!.code]).toEqual([0, 125]);
    expect(lost!.stderr).toContain(
      `Conflict. The container name "/same" is already in use by container "${won!.stdout.trim()}".`,
    );
    expect(md.ok("ps", "-aq", "--no-trunc")).toBe(won!.stdout.trim());
    md.ok("rm", "-f", "same");
    expect(kept(md)).toEqual([]);
  });

  test("two hundred run, and are gone with one command", needs("speed"), async () => {
    const roots = temporaryRoots();
    for (let number = 0; number < 200; number++) {
      const { record } = await makeContainer(roots, ["sleep", "1000"]);
      await locked(roots, record.id, (container) => startContainer(container));
    }
    const running = (await allContainers(roots)).filter(({ state }) => isAlive(state.process));
    expect(running.length).toBe(200);
    const names = running.map(({ record }) => record.name);
    const folders = ["--root", roots.root, "--state", roots.state];
    const { stdout, stderr } = spawnSync("node", ["--", PROGRAM, ...folders, "rm", "-f", ...names], {
      encoding: "utf8",
    });
    expect([stdout.trim().split("\n"), stderr]).toEqual([names, ""]);
    expect(running.filter(({ state }) => isAlive(state.process))).toEqual([]);
    expect(kept(roots)).toEqual([]);
  });

  test(
    "several start, stop, enter, remove and make again the same two: what can't be is refused, and all add up",
    needs("speed"),
    async () => {
      const roots = temporaryRoots();
      const script = await buildScript("test/fixtures/hammer.ts");
      const hands = ["11", "22", "33", "44"].map((seed) =>
        spawn(process.execPath, [script, roots.root, roots.state, seed, "6000"]),
      );
      const said = await Promise.all(hands.map(ended));
      for (const { code, stdout, stderr } of said)
        expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/^\d+ done, \d+ refused\n$/), ""]);
      // One that was started last may end while it is looked at.
      await vi.waitFor(async () => {
        for (const container of await allContainers(roots)) expectConsistent(container);
      }, 10_000);
      for (const id of containerIds(roots)) await removeContainer(roots, id, { force: true });
      expect(kept(roots)).toEqual([]);
      expect(await leftovers(roots)).toEqual([]);
    },
  );
});

function expectConsistent({ record, state }: Container): void {
  const isRunning = ["running", "paused"].includes(state.status);
  expect(isAlive(state.process), `${record.name} is ${state.status}`).toBe(isRunning);
  const groups = (state.group?.directories ?? []).map(({ directory }) => directory);
  expect(
    groups.some((path) => existsSync(path)),
    `${record.name} is ${state.status}`,
  ).toBe(isRunning);
}

describe("a full disk", () => {
  /** Roots on a small disk of their own, with the image made, and a way to leave so much room on it. */
  function smallDisk(): { roots: Roots; leave: (kilobytes: number) => void; run: (...argv: string[]) => Said } {
    const disk = mkdtempSync(join(tmpdir(), "disk-"));
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "disk", disk]);
    onTestFinished(() => {
      spawnSync("umount", ["-l", disk]);
      rmSync(disk, { recursive: true });
    });
    const roots = { root: join(disk, "root"), state: join(disk, "state") };
    const words = ["--", PROGRAM, "--root", roots.root, "--state", roots.state];
    const run = (...argv: string[]) => {
      const { status, stdout, stderr } = spawnSync("node", [...words, ...argv], { encoding: "utf8" });
      return { code: status!, stdout, stderr };
    };
    const leave = (kilobytes: number) => {
      writeFileSync(join(disk, "filling"), "");
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, "filling"), Buffer.alloc(bavail * bsize, 1));
      truncateSync(join(disk, "filling"), bavail * bsize - kilobytes * 1024);
    };
    return { roots, leave, run };
  }

  test(
    "wherever there is no room any more: one line says so, and nothing of the container is left",
    needs("speed"),
    () => {
      const { roots, leave, run } = smallDisk();
      run("run", "--rm", "base", "true");
      let kilobytes = 0;
      for (; kilobytes < 200; kilobytes += 4) {
        leave(kilobytes);
        const { code, stdout, stderr } = run("run", "--rm", "base", "true");
        expect(kept(roots), `${kilobytes} kB`).toEqual([]);
        if (code === 0) break;
        expect([code, stdout], `${kilobytes} kB`).toEqual([125, ""]);
        expect(stderr, `${kilobytes} kB`).toMatch(/^mini-docker: .*(no space left on device|ENOSPC)\n$/);
      }
      expect(kilobytes).toBeGreaterThan(12);
      expect(kilobytes).toBeLessThan(200);
    },
  );

  test("without room for the image: one line, and once there is room it is made", () => {
    const { leave, run } = smallDisk();
    for (const kilobytes of [0, 64]) {
      leave(kilobytes);
      const { code, stderr } = run("run", "--rm", "base", "true");
      expect(code).toBe(125);
      expect(stderr).toMatch(/^mini-docker: cannot .*no space left on device.*\n$/);
    }
    leave(20_000);
    expect(run("run", "--rm", "base", "echo", "made")).toMatchObject({ code: 0, stdout: "made\n" });
  });

  test("containers run on, are seen, stopped and removed, and how one ended is known", () => {
    const { roots, leave, run } = smallDisk();
    for (const name of ["stopped", "killed", "ending"]) {
      expect(
        run("run", "-d", "--name", name, "base", "sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.1; done").code,
      ).toBe(0);
    }
    expect(run("create", "--name", "made", "base", "true").code).toBe(0);
    leave(0);
    const pid = Number(run("inspect", "-f", "{{.State.Pid}}", "ending").stdout);
    process.kill(pid, "SIGKILL");
    expect(run("wait", "ending")).toMatchObject({ code: 0, stdout: "137\n" });
    expect(run("stop", "stopped")).toMatchObject({ code: 0, stderr: "" });
    expect(run("ps", "-a", "--format", "{{.Names}} {{.State}}").stdout.trim().split("\n").sort()).toEqual([
      "ending exited",
      "killed running",
      "made created",
      "stopped exited",
    ]);
    expect(run("pause", "killed").code).toBe(1);
    expect(run("inspect", "-f", "{{.State.Status}}", "killed").stdout).toBe("running\n");
    expect(run("rm", "-f", "killed", "stopped", "ending", "made")).toMatchObject({ code: 0, stderr: "" });
    expect(kept(roots)).toEqual([]);
  });
});
