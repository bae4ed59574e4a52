import { describe, expect, test } from "vitest";
import { awaitStep, goStep, type Step, step } from "../../src/01-syscalls/index.ts";
import { inOrder } from "../../src/10-containers/explain/in-order.ts";
import { containerPlan } from "../../src/10-containers/plan.ts";
import { inputFor, largeSpec } from "./plans.ts";

const named = (why: string): Step => step("getpid", [], { why });
const order = (...plan: Parameters<typeof inOrder>) => inOrder(...plan).map((entry) => entry.step.why);

const plan = {
  before: [named("open"), named("clone")],
  beside: [named("map ids"), goStep("go"), named("in between"), goStep("last go")],
  inside: [awaitStep("wait"), named("mount"), awaitStep("last wait"), named("exec")],
};

describe("inOrder", () => {
  test("what the parent does before go comes before what the child does after its wait", () => {
    expect(order(plan)).toEqual([
      ...["open", "clone", "map ids", "go", "wait", "mount"],
      ...["in between", "last go", "last wait", "exec"],
    ]);
  });

  test("the launcher is the monitor by the last go", () => {
    const all = order(plan, [named("keep"), named("monitor")]);
    expect(all.slice(all.indexOf("in between"))).toEqual([
      ...["in between", "keep", "monitor", "last go", "last wait", "exec"],
    ]);
  });

  test("a child that waits for nothing comes first, and nothing of the parent's is lost", () => {
    expect(order({ ...plan, inside: [named("exec")] })).toEqual([
      ...["open", "clone", "exec", "map ids", "go", "in between", "last go"],
    ]);
  });

  test("every step of a real plan is there once, each list in its own order", () => {
    const { before, beside, inside } = containerPlan(inputFor(largeSpec(), "hybrid"));
    const all = inOrder({ before, beside, inside });
    const listed = (list: string) => all.filter((entry) => entry.list === list).map((entry) => entry.step);
    expect([listed("before"), listed("beside"), listed("inside")]).toEqual([before, beside, inside]);
  });
});
