import { describe, expect, test } from "vitest";
import {
  awaitStep,
  execveStep,
  openStep,
  reg,
  type Step,
  SyscallError,
  step,
  type Traced,
} from "../../src/01-syscalls/index.ts";
import { inOrder } from "../../src/10-containers/explain/in-order.ts";
import { History } from "../../src/10-containers/explain/ran.ts";

const why = "for the test";
const find = openStep({ path: "/x", flags: 0, allow: ["ENOENT"], as: "found", why });
const use = step("fchdir", [reg("found")], { why });
const pipe = step("pipe2", [{ out: ["r", "w"] }, 0], { why });
const clone = step("clone3", [{ struct: [{ name: "flags", type: "u64", value: 0n }] }, 88], { why });
const keep = step("close", [reg("r")], { why });
const [here, there] = ["/a/x", "/b/x"].map((path) => execveStep({ path, argv: ["x"], env: ["A=1"], why })) as [
  Step,
  Step,
];

const PLAN = { before: [pipe, clone], beside: [step("getpid", [], { why })], inside: [find, use, keep, here, there] };

/** A history of PLAN that the given results were told to, in order. */
function history(...told: [list: Traced["list"], index: number, result: number, registers?: Record<string, number>][]) {
  const past = new History(inOrder(PLAN, [step("execveat", [reg("monitor")], { why })]));
  for (const [list, index, result, registers = {}] of told) {
    const steps = list === "after" ? [] : PLAN[list];
    past.step({ list, index, step: steps[index]!, result, ns: 1, registers });
  }
  return past;
}

const shown = (past: History, list: string) =>
  past.all.filter((ran) => ran.list === list).map(({ outcome, call }) => `${outcome}: ${call}`);

describe("history", () => {
  test("registers are spelled with their values once they have one, and go over to the child", () => {
    const past = history(["before", 0, 0, { r: 5, w: 6 }], ["before", 1, 99], ["inside", 0, 7], ["inside", 1, 0]);
    expect(shown(past, "before")).toEqual(["done: pipe2([5<r>, 6<w>], 0)", "done: clone3({}, 88)"]);
    expect(shown(past, "inside").slice(0, 3)).toEqual([
      'done: openat(AT_FDCWD, "/x", O_RDONLY|O_CLOEXEC, 0)',
      "done: fchdir(7<found>)",
      "planned: close($r)",
    ]);
    expect(past.spellNext(past.all.find((ran) => ran.step === keep)!)).toBe("close(5<r>)");
  });

  test("a refusal that is allowed is fine, and what needed its result is left out", () => {
    const past = history(["inside", 0, -2], ["inside", 1, -2]);
    expect(past.all.filter(({ list }) => list === "inside").slice(0, 2)).toMatchObject([
      { outcome: "allowed", result: -2 },
      { outcome: "left out", missing: "found", call: "fchdir($found)" },
    ]);
  });

  test("any other refusal is the failure", () => {
    const past = history(["inside", 0, -13]);
    past.end({ error: new SyscallError(find, 13) });
    expect(shown(past, "inside").map((line) => line.split(":")[0])).toEqual(["failed", ...Array(4).fill("planned")]);
  });

  test("a call of this process that fails is known by its error alone", () => {
    const past = history(["before", 0, 0], ["before", 1, 99]);
    past.end({ error: new SyscallError(PLAN.beside[0]!, 1) });
    expect(past.all.find(({ list }) => list === "beside")).toMatchObject({ outcome: "failed", result: -1 });
  });

  test("the execve nobody could report is the one that succeeded; those after it were never needed", () => {
    const past = history(["inside", 0, 7], ["inside", 1, 0], ["inside", 2, 0]);
    past.end({ pid: 99, launcherPid: 98 });
    expect(shown(past, "inside").slice(3)).toEqual([
      'done: execve("/a/x", ["x"], /* 1 var */)',
      'planned: execve("/b/x", ["x"], /* 1 var */)',
    ]);
    expect(shown(past, "after")[0]).toMatch(/^done/);
  });

  test("what no stage decided is in the words of the first", () => {
    const [ran] = new History(inOrder({ before: [awaitStep("")], beside: [], inside: [] })).all;
    expect(ran).toMatchObject({ stage: "01-syscalls", by: "plan", isWait: true });
  });
});
