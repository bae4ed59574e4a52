// Whatever is killed, wherever: the next command finds out, nothing is left behind, and nothing is reported that isn't so.

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Plan, reg, type Step, step } from "../../src/01-syscalls/index.ts";
import { listImages } from "../../src/06-images/index.ts";
import { type Container, containerIds, findId, locked, readContainer } from "../../src/10-containers/container.ts";
import type { Roots } from "../../src/10-containers/folders.ts";
import { isAlive } from "../../src/10-containers/identity.ts";
import { removeContainer } from "../../src/10-containers/remove.ts";
import { settle, settled } from "../../src/10-containers/settle.ts";
import { startContainer } from "../../src/10-containers/start.ts";
import { ended, stopContainer } from "../../src/10-containers/stop.ts";
import { waitForExit } from "../../src/10-containers/wait.ts";
import { buildScript, leftovers, makeContainer, temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";

/** The process that makes these steps dies. As process 1 of a new namespace it can't be killed by itself, but end. */
const DIE: Record<"before" | "inside", Step[]> = {
  before: [
    step("getpid", [], { why: "who am I?", as: "me" }),
    step("kill", [reg("me"), 9], { why: "the launcher is killed" }),
  ],
  inside: [step("exit_group", [137], { why: "the child is gone" })],
};

function dyingAt(list: "before" | "inside", index: number): (plan: Plan) => Plan {
  return (plan) => ({ ...plan, [list]: plan[list].toSpliced(index, 0, ...DIE[list]) });
}

const start = (roots: Roots, id: string, changePlan?: (plan: Plan) => Plan) =>
  locked(roots, id, async (container) => {
    await settle(container);
    return startContainer(container, changePlan ? { changePlan } : {});
  });

/** Runs to its end after all: whatever the failed attempts left does not stand in the way. */
async function expectGoodRun(roots: Roots, { record: { id } }: Container): Promise<void> {
  await start(roots, id);
  expect(await ended(roots, id, 20_000)).toBe(true);
  const { state } = (await settled(roots, id))!;
  expect(state).toMatchObject({ status: "exited", exitCode: 0 });
}

function groupsOf({ state }: Container): string[] {
  return (state.group?.directories ?? []).map(({ directory }) => directory).filter((path) => existsSync(path));
}

describe("a start that breaks off", () => {
  test.for(["before", "inside"] as const)(
    "at any step of `%s` leaves nothing and can be repeated",
    needs("speed"),
    async (list) => {
      const roots = temporaryRoots();
      const container = await makeContainer(roots, ["true"]);
      const { id } = container.record;
      let length = 1;
      for (let index = 0; index < length; index++) {
        const change = (plan: Plan) => {
          length = plan[list].length;
          return dyingAt(list, index)(plan);
        };
        await expect(start(roots, id, change), `${list}[${index}]`).rejects.toThrow();
        const after = (await settled(roots, id))!;
        expect(after.state.status, `${list}[${index}]`).toBe("created");
        expect(groupsOf(after), `${list}[${index}]`).toEqual([]);
        expect(existsSync(after.folder.runtime), `${list}[${index}]`).toBe(false);
      }
      expect(length).toBeGreaterThan(20);
      await expectGoodRun(roots, container);
    },
  );

  test("by the engine's death, before any step beside the child", { ...needs("speed"), timeout: 300_000 }, async () => {
    const roots = temporaryRoots();
    const container = await makeContainer(roots, ["true"]);
    const script = await buildScript("test/fixtures/die-beside.ts");
    const run = (index: number) =>
      spawnSync(process.execPath, [script, roots.root, roots.state, container.record.id, `${index}`], {
        encoding: "utf8",
      });
    let index = 0;
    for (; index < 200; index++) {
      const { signal, stdout, stderr } = run(index);
      if (signal === null) {
        expect(stderr).toBe("");
        expect(stdout).toBe("survived\n");
        break;
      }
      await expectNothingRuns(roots, container, `beside[${index}]`);
    }
    expect(index).toBeGreaterThan(1);
    expect(await ended(roots, container.record.id, 20_000)).toBe(true);
  });
});

/** The child may be on its way out still: it dies by itself when its engine is gone. */
async function expectNothingRuns(roots: Roots, { record: { id } }: Container, where: string): Promise<void> {
  await expect
    .poll(async () => (await settled(roots, id))?.state.status, { timeout: 20_000, message: where })
    .not.toBe("starting");
  const after = (await settled(roots, id))!;
  expect(isAlive(after.state.process), where).toBe(false);
  expect(groupsOf(after), where).toEqual([]);
}

describe("kill -9 before any change on disk", () => {
  async function killedAt(what: string, roots: Roots, id: string, n: number): Promise<boolean> {
    const script = await script_(what);
    const { signal, stderr } = spawnSync(process.execPath, [script, roots.root, roots.state, `${n}`, what, id], {
      encoding: "utf8",
    });
    if (signal === null) expect(stderr).toBe("");
    return signal === "SIGKILL";
  }
  const scripts = new Map<string, Promise<string>>();
  const script_ = (what: string) => {
    if (!scripts.has(what)) scripts.set(what, buildScript("test/fixtures/die-at.ts"));
    return scripts.get(what)!;
  };

  test(
    "of creation: the container is whole or not there, and its name is free or its own",
    needs("speed"),
    async () => {
      const roots = temporaryRoots();
      await makeContainer(roots, ["true"], { name: "first" });
      for (let n = 1; await killedAt("create", roots, "", n); n++) {
        expect(await leftovers(roots), `change ${n}`).toEqual([]);
        const again = await makeContainer(roots, ["true"], { name: "victim" }).catch((error: Error) => error);
        const made = again instanceof Error ? readByName(roots, "victim") : again;
        expect(made?.record.name, `change ${n}`).toBe("victim");
        await removeContainer(roots, made!.record.id);
      }
      expect(await leftovers(roots)).toEqual([]);
    },
  );

  test("of creation from an image that is removed meanwhile: with the container its image is there", async () => {
    const roots = temporaryRoots();
    for (let n = 1; await killedAt("create-removed", roots, "", n); n++) {
      const images = listImages(roots.root).map((image) => image.id);
      for (const id of containerIds(roots)) {
        expect(images, `change ${n}`).toContain(readContainer(roots, id)!.record.image.id);
        await removeContainer(roots, id);
      }
    }
    expect(containerIds(roots)).toHaveLength(1);
  });

  test(
    "of a start: it runs and is known to run, or it doesn't and ends as the launcher does",
    needs("speed"),
    async () => {
      const roots = temporaryRoots();
      const { record } = await makeContainer(roots, ["sleep", "30"]);
      for (let n = 1; await killedAt("start", roots, record.id, n); n++) {
        await expect
          .poll(async () => statusOf(await settled(roots, record.id)), { timeout: 20_000 })
          .toMatch(/^(created|running|exited 125)$/);
        await stopContainer(roots, record.id, { timeoutSeconds: 0 });
        expect(await leftovers(roots), `change ${n}`).toEqual([]);
      }
    },
  );

  test("of removal: the next command finishes it", { ...needs("speed"), timeout: 300_000 }, async () => {
    const roots = temporaryRoots();
    for (let n = 1; ; n++) {
      const container = await makeContainer(roots, ["sleep", "30"], { name: "victim" });
      await start(roots, container.record.id);
      const killed = await killedAt("remove", roots, container.record.id, n);
      expect(await leftovers(roots), `change ${n}`).toEqual([]);
      if (readContainer(roots, container.record.id)) await removeContainer(roots, container.record.id, { force: true });
      expect(groupsOf(container), `change ${n}`).toEqual([]);
      if (!killed) break;
    }
  });
});

/** How it ended is part of how it stands. */
function statusOf(container: Container | undefined): string {
  const { status = "gone", exitCode } = container?.state ?? {};
  return status === "exited" ? `${status} ${exitCode}` : status;
}

function readByName(roots: Roots, name: string): Container | undefined {
  return readContainer(roots, findId(roots, name));
}

describe("a power cut", () => {
  test("leaves an empty state of a container with --rm: it is there as one that never ran", async () => {
    const roots = temporaryRoots();
    const container = await makeContainer(roots, ["true"], { remove: true });
    writeFileSync(container.folder.state, "");
    expect((await settled(roots, container.record.id))!.state.status).toBe("created");
    await expectGoodRun(roots, container);
    await removeContainer(roots, container.record.id);
    expect(await leftovers(roots)).toEqual([]);
  });

  test("can't leave one of any other container, so nothing is made of it", async () => {
    const roots = temporaryRoots();
    const { folder, record } = await makeContainer(roots, ["true"]);
    writeFileSync(folder.state, "");
    expect(() => readContainer(roots, record.id)).toThrow("is not what a container's file looks like");
  });
});

describe("a monitor that is killed", () => {
  test("takes its container's exit code along, not the container", async () => {
    const roots = temporaryRoots();
    const { record } = await makeContainer(roots, ["sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done"]);
    await start(roots, record.id);
    const { state } = readContainer(roots, record.id)!;
    process.kill(state.monitor!.pid, "SIGKILL");
    expect((await settled(roots, record.id))!.state.status).toBe("running");
    await stopContainer(roots, record.id);
    expect((await settled(roots, record.id))!.state).toMatchObject({ status: "exited", exitCode: 255 });
  });

  test("before it could see to --rm leaves that to the next command", async () => {
    const roots = temporaryRoots();
    const container = await makeContainer(roots, ["sleep", "1000"], { remove: true });
    const { id } = container.record;
    await start(roots, id);
    const { state } = readContainer(roots, id)!;
    const waiting = waitForExit(roots, id);
    for (const { pid } of [state.monitor!, state.process!]) process.kill(pid, "SIGKILL");
    expect(await waiting).toBe(255);
    expect(containerIds(roots)).toEqual([]);
    expect([await leftovers(roots), groupsOf(container)]).toEqual([[], []]);
    await expect(start(roots, id)).rejects.toThrow("No such container");
  });
});
