import { afterAll, describe, expect, test } from "vitest";
import { dryRun } from "../../src/10-containers/explain/dry-run.ts";
import { History } from "../../src/10-containers/explain/ran.ts";
import type { Watch } from "../../src/10-containers/explain/watch.ts";
import { runOptions } from "../../src/10-containers/spec/options.ts";
import { runWatched, temporaryRoots } from "./watched.ts";

const roots = temporaryRoots();
afterAll(() => roots.close());

function watching(): { history: () => History; watch: Watch } {
  let history = new History([]);
  const watch: Watch = {
    onPlan: (steps) => {
      history = new History(steps);
    },
    onStep: (traced) => void history.step(traced),
    onEnd: (outcome) => history.end(outcome),
  };
  return { history: () => history, watch };
}

/** Calls as they are planned; the container's id is another each time. */
function planned(history: History): string[] {
  const plan = new History(history.all).all;
  return plan.map(
    ({ list, stage, by, call }) => `${list} ${stage}/${by}: ${call.replaceAll(/[0-9a-f]{12,64}/g, "ID")}`,
  );
}

describe("what ran", () => {
  test.each([
    ["as it is", { command: ["true"] }],
    ["with limits", { command: ["true"], memoryBytes: 2 ** 26, pidsLimit: 20, init: true, workdir: "/a/b" }],
    ["with a terminal", { command: ["true"], tty: true }],
  ])("is what the dry run had said: the same calls in the same order, %s", async (_, given) => {
    const { history, watch } = watching();
    // Once before, so that both find the image made.
    await runWatched(roots, given, {});
    const { steps } = await dryRun(roots, runOptions("base", given), true);
    expect((await runWatched(roots, given, watch)).exitCode).toBe(0);
    expect(planned(history())).toEqual(planned(new History(steps)));
  });

  test("every step of it is accounted for, to the one that became the program", async () => {
    const { history, watch } = watching();
    await runWatched(roots, { command: ["true"] }, watch);
    const { all } = history();
    const program = all.findIndex(({ step, outcome }) => step.call === "execve" && outcome === "done");
    expect(all.slice(0, program + 1).filter(({ outcome }) => outcome === "planned" || outcome === "failed")).toEqual(
      [],
    );
    expect(all.slice(program + 1).filter(({ outcome }) => outcome !== "planned")).toEqual([]);
    expect(all.filter(({ ns }) => ns === undefined).map(({ step }) => step.call)).toEqual(
      expect.arrayContaining(["execveat", "execve"]),
    );
  });

  test("is told before the container's own first word", async () => {
    const said: string[] = [];
    await runWatched(roots, { command: ["echo", "hello"] }, { onEnd: () => void said.push("explained") }, (text) => {
      said.push(text.trim());
    });
    expect(said).toEqual(["explained", "hello"]);
  });

  test("a watcher that has enough ends the start, and nothing of it is left", async () => {
    let steps = 0;
    const enough = new Error("enough");
    const watch: Watch = {
      stepping: true,
      onStep: () => {
        steps += 1;
        if (steps === 150) throw enough;
      },
    };
    await expect(runWatched(roots, { command: ["true"] }, watch)).rejects.toBe(enough);
    expect(steps).toBe(150);
  });

  test("without stepping it is not held up, with stepping each step stands still", async () => {
    const { history, watch } = watching();
    await runWatched(roots, { command: ["true"] }, { ...watch, stepping: true });
    expect(history().all.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  });
});

test("a dry run leaves no trace, not even an image", async () => {
  const untouched = { root: `${roots.root}-untouched`, state: `${roots.state}-untouched` };
  const { steps } = await dryRun(untouched, runOptions("base", { command: ["true"] }), true);
  expect(steps.length).toBeGreaterThan(100);
  const { existsSync } = await import("node:fs");
  expect([existsSync(untouched.root), existsSync(untouched.state)]).toEqual([false, false]);
});
