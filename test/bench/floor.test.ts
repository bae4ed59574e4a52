import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { callsIn, floorSource } from "../../bench/floor.ts";
import { compile, FLAGS } from "../../scripts/native.mjs";
import {
  awaitStep,
  cloneStep,
  closeStep,
  execveStep,
  goStep,
  mkdirStep,
  O,
  openStep,
  type Plan,
  pipeStep,
  reg,
  step,
  struct,
  writeStep,
} from "../../src/01-syscalls/index.ts";
import { containerPlan } from "../../src/10-containers/plan.ts";
import { inputFor, largeSpec, SMALL } from "../10-containers/plans.ts";

const repository = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function compiled(plan: Plan): string {
  const source = join(folder, "floor.c");
  writeFileSync(source, floorSource(plan));
  const flags = [...FLAGS, "-I", join(repository, "native"), "-I", join(repository, "bench")];
  return compile({ source, output: join(folder, "floor"), flags });
}

describe.each([
  ["a small plan on cgroup v2", inputFor(SMALL, "v2")],
  ["a large one where v1 and v2 are mixed", inputFor(largeSpec(), "hybrid", { isFile: () => true })],
])("the floor of %s", (_, input) => {
  const plan = containerPlan(input);

  test.each(["before", "beside", "inside"] as const)("makes the calls of `%s`, in their order", (list) => {
    expect(callsIn(floorSource(plan), list)).toEqual(plan[list].map(({ call }) => call));
  });

  test("is C without a warning", () => {
    expect(() => compiled(plan)).not.toThrow();
  });
});

test("registers, texts, structures, allowed failures and what depends on them do in C what they do in a plan", () => {
  const [file, gone] = [join(folder, "file"), join(folder, "gone", "x")];
  const why = "to see";
  const plan: Plan = {
    before: [
      mkdirStep({ path: folder, mode: 0o755, why, allow: ["EEXIST"] }),
      pipeStep({ read: "r", write: "w", why }),
      cloneStep({ flags: 0, why }),
    ],
    beside: [goStep(why)],
    inside: [
      awaitStep(why),
      openStep({ path: gone, flags: O.WRONLY, why, as: "gone", allow: ["ENOENT"] }),
      writeStep({ fd: reg("gone"), data: "never", why }),
      openStep({ path: file, flags: O.WRONLY | O.CREAT, mode: 0o644, why, as: "file" }),
      openStep({ path: { text: ["/proc/self/fd/", reg("file")] }, flags: O.WRONLY, why, as: "again" }),
      writeStep({ fd: reg("again"), data: 'größe "?\n', why }),
      writeStep({ fd: reg("w"), data: "x", why }),
      step("read", [reg("r"), { room: 8 }, 8], { why, atLeast: 1 }),
      step("openat2", [-100, file, struct(["flags", "u64", O.RDONLY], ["mode", "u64", 0], ["resolve", "u64", 0]), 24], {
        why,
        as: "third",
      }),
      closeStep({ fd: reg("third"), why }),
      execveStep({ path: "/no/such/program", argv: ["x"], env: [], why, allow: ["ENOENT"] }),
      execveStep({
        path: "/bin/sh",
        argv: ["sh", "-c", { text: ["echo $0 $A >> ", file] }, "b"],
        env: ["A=1"],
        why,
      }),
    ],
  };
  const took = execFileSync(compiled(plan), ["1"], { encoding: "utf8" });
  expect(Number(took)).toBeGreaterThan(1000);
  expect(readFileSync(file, "utf8")).toBe('größe "?\nb 1\n');
});
