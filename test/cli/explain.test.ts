import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import { fchdirStep, mkdirStep, openStep, reg, type Step, SyscallError, step } from "../../src/01-syscalls/index.ts";
import { inOrder, type Ordered } from "../../src/10-containers/explain/in-order.ts";
import { History } from "../../src/10-containers/explain/ran.ts";
import { containerPlan } from "../../src/10-containers/plan.ts";
import { explanation, type Look } from "../../src/cli/show/explain.ts";
import { displayWidth } from "../../src/cli/show/width.ts";
import { ID, inputFor, largeSpec, SMALL } from "../10-containers/plans.ts";

const look = (columns: number, level: 0 | 1 = 0): Look => ({ columns, paint: new Chalk({ level }) });

const marked = (stage: string, by: string, made: Step): Step => ({ stage, by, ...made });

const STEPS: Step[] = [
  marked(
    "04-cgroups",
    "createSteps",
    mkdirStep({
      path: "/sys/fs/cgroup/mini-docker",
      mode: 0o755,
      allow: ["EEXIST"],
      why: "the parent of all our groups",
    }),
  ),
  marked(
    "02-rootfs",
    "maskSteps",
    openStep({ path: `/run/${ID}/rootfs`, flags: 0, allow: ["ENOENT"], as: "place", why: "is there such a path?" }),
  ),
  marked("02-rootfs", "maskSteps", fchdirStep({ fd: reg("place"), why: "so that . names it" })),
  marked("02-rootfs", "pivotSteps", step("pivot_root", [".", "."], { why: "exchange the root" })),
  marked("02-rootfs", "pivotSteps", step("chdir", ["/"], { why: "stand in it" })),
];

const RESULTS = [-17, -2, -2, -1];

/** The steps above as they went: three in ten thousandths of a second each, and then one that failed. */
function failedRun(): History {
  const order: Ordered[] = inOrder({ before: STEPS, beside: [], inside: [] });
  const past = new History(order);
  RESULTS.forEach((result, index) => {
    past.step({ list: "before", index, step: STEPS[index]!, result, ns: 12_345, registers: {} });
  });
  past.end({ error: new SyscallError(STEPS[3]!, 1) });
  return past;
}

describe("an explanation", () => {
  test("in eighty columns has the reason below the call", () => {
    expect(explanation(failedRun().all, look(80))).toMatchInlineSnapshot(`
      "
      ━━━ launcher  on the host, before there is a child  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       04  cgroups  createSteps                                               how much
         1  mkdirat(AT_FDCWD, "/sys/fs/cgroup/mini-docker", 0755)                12 µs
              = -1 EEXIST, which is fine
            # the parent of all our groups

       02  rootfs  maskSteps                                             a different /
         2  openat(AT_FDCWD, "/run/0123456789ab…/rootfs", O_RDONLY|O_CLOEXEC,    12 µs
              0) = -1 ENOENT, which is fine
            # is there such a path?
         3  fchdir($place) left out: no $place
            # so that . names it

       02  rootfs  pivotSteps
         4  pivot_root(".", ".") = -1 EPERM   ◀ this call failed
            # exchange the root

      ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      3 system calls, 37 µs in the kernel

       02  rootfs          2 calls    25 µs  ██████████████████████████████
       04  cgroups         1 call     12 µs  ███████████████

      2 were refused, which is fine
      1 was left out: an earlier call had found nothing to do
      1 was never reached
      "
    `);
  });

  test("from 120 columns on has the reason beside the call", () => {
    expect(explanation(failedRun().all, look(120))).toMatchInlineSnapshot(`
      "
      ━━━ launcher  on the host, before there is a child  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━

       04  cgroups  createSteps                                                                                       how much
         1  mkdirat(AT_FDCWD, "/sys/fs/cgroup/mini-docker", 0755)                   12 µs   the parent of all our groups
              = -1 EEXIST, which is fine

       02  rootfs  maskSteps                                                                                     a different /
         2  openat(AT_FDCWD, "/run/0123456789ab…/rootfs", O_RDONLY|O_CLOEXEC, 0)    12 µs   is there such a path?
              = -1 ENOENT, which is fine
         3  fchdir($place) left out: no $place                                              so that . names it

       02  rootfs  pivotSteps
         4  pivot_root(".", ".") = -1 EPERM   ◀ this call failed                            exchange the root

      ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      3 system calls, 37 µs in the kernel

       02  rootfs          2 calls    25 µs  ██████████████████████████████
       04  cgroups         1 call     12 µs  ███████████████

      2 were refused, which is fine
      1 was left out: an earlier call had found nothing to do
      1 was never reached
      "
    `);
  });

  test("is as wide as the screen and no wider", () => {
    const plans = [inputFor(SMALL, "v2"), inputFor(largeSpec(), "hybrid")].map((input) => containerPlan(input));
    for (const columns of [60, 80, 100, 119, 120, 160, 200]) {
      for (const plan of plans) {
        const lines = explanation(new History(inOrder(plan)).all, look(columns)).split("\n");
        expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([]);
      }
    }
  });

  test("loses no word of a call to the edge of the screen", () => {
    const { all } = new History(inOrder(containerPlan(inputFor(largeSpec(), "hybrid"))));
    const text = explanation(all, look(80)).replaceAll(/\s/g, "");
    const missing = all.filter(
      ({ call }) => !text.includes(call.replaceAll(ID, `${ID.slice(0, 12)}…`).replaceAll(/\s/g, "")),
    );
    expect(missing.map(({ call }) => call)).toEqual([]);
  });

  test("says the same in colour", () => {
    const [plain, coloured] = [look(80), look(80, 1)].map((each) => explanation(failedRun().all, each));
    expect(coloured).not.toBe(plain);
    expect(coloured!.replaceAll(/\x1b\[\d+m/g, "")).toBe(plain);
  });
});
