import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import { type Launched, type Step, step } from "../../src/01-syscalls/index.ts";
import { inOrder } from "../../src/10-containers/explain/in-order.ts";
import { GivenUp } from "../../src/10-containers/explain/watch.ts";
import { stepWatch } from "../../src/cli/show/step.ts";

const made = (stage: string, call: Step["call"], why: string): Step => ({ ...step(call, [], { why }), stage });

const BEFORE = [
  made("02-rootfs", "getpid", "the first"),
  made("02-rootfs", "gettid", "the second"),
  made("03-namespaces", "setsid", "the third"),
  made("04-cgroups", "getpid", "the fourth"),
];

/** Walks through BEFORE as a launch would, with these keys. What was on the screen, whenever a key was waited for. */
function walk(keys: string[] | undefined) {
  let screen = "";
  const waits: string[] = [];
  let isClosed = false;
  const openKeys = () => ({
    read: () => {
      waits.push(screen);
      return keys!.shift();
    },
    close: () => {
      isClosed = true;
    },
  });
  const watch = stepWatch({
    look: { columns: 80, paint: new Chalk({ level: 0 }) },
    print: (text) => {
      screen += text;
    },
    openKeys: keys && openKeys,
  });
  const launched: Launched = { pid: 0, launcherPid: process.pid };
  const run = () => {
    watch.onPlan!(inOrder({ before: BEFORE, beside: [], inside: [] }));
    BEFORE.forEach((each, index) => {
      watch.onStep!({ list: "before", index, step: each, result: index, ns: 1000, registers: {} }, launched);
    });
    watch.onEnd!(launched);
  };
  return { run, watch, waits, screen: () => screen, isClosed: () => isClosed };
}

describe("walking through a plan", () => {
  test("a call is shown before it is made, its result after", () => {
    const { run, waits, screen } = walk(["\r", "\r", "\r", "\r"]);
    run();
    expect(waits).toHaveLength(4);
    expect(waits[1]).toMatch(/getpid\(\)\n +# the first\n/);
    expect(waits[1]).toMatch(/= 0 .*\n +2 {2}gettid\(\)\n +# the second\n/s);
    expect(waits[1]).not.toContain("the third");
    expect(screen()).toMatch(/= 3 +1\.0 µs\n/);
  });

  test("n goes on to the next stage, c to the end", () => {
    const { run, waits, screen } = walk(["n", "c"]);
    run();
    expect(waits).toHaveLength(2);
    expect(waits[1]).toContain("gettid() = 1");
    expect(waits[1]).toMatch(/setsid\(\)\n +# the third\n/);
    expect(screen()).toContain("getpid() = 3");
  });

  test("other keys do nothing", () => {
    const { run, waits } = walk(["x", "\x1b", "c"]);
    run();
    expect(waits).toHaveLength(3);
    expect(waits[2]).toBe(waits[0]);
  });

  test.each([["q"], ["\x03"], [undefined]])("%j gives up, before the call that was shown", (key) => {
    const { run } = walk(["\r", key!]);
    expect(run).toThrow(/given up before gettid/);
  });

  test("whoever gave up has the terminal back", () => {
    const { run, watch, isClosed } = walk(["q"]);
    expect(run).toThrow(GivenUp);
    watch.onEnd!({ error: new GivenUp("getpid") });
    expect(isClosed()).toBe(true);
  });

  test("without keys it runs through, and asks for nothing", () => {
    const { run, waits, screen } = walk(undefined);
    run();
    expect(waits).toEqual([]);
    expect(screen()).toContain("getpid() = 3");
    expect(screen()).not.toContain("Enter");
  });
});
