import { describe, expect, test } from "vitest";
import { spellCall } from "../../src/01-syscalls/index.ts";
import { closeOthersSteps, handOverSteps } from "../../src/10-containers/keep-open.ts";
import { containerPlan } from "../../src/10-containers/plan.ts";
import { schedulingSteps } from "../../src/10-containers/scheduling.ts";
import { checkSpec } from "../../src/10-containers/spec/check-spec.ts";
import type { Spec } from "../../src/10-containers/spec/oci.ts";
import { START } from "../../src/10-containers/start-fifo.ts";
import { configOf } from "../support/bundles.ts";
import { inputFor, SMALL } from "./plans.ts";

const spell = (steps: Parameters<typeof spellCall>[0][]) => steps.map(spellCall);

describe("checkSpec", () => {
  const namespaces = [{ type: "mount" as const }];

  test.each<[string, object]>([
    ["no version 1", { ociVersion: "2.0.0" }],
    ["names no process to run", { process: { args: [] } }],
    ["working directory that is no absolute path", { process: { cwd: "tmp" } }],
    ["names no user by numbers", { process: { user: { uid: -1, gid: 0 } } }],
    [
      "limits RLIMIT_CORE twice",
      { process: { rlimits: [1, 2].map((soft) => ({ type: "RLIMIT_CORE", soft, hard: 9 })) } },
    ],
    ["a soft limit above its hard one", { process: { rlimits: [{ type: "RLIMIT_CORE", soft: 2, hard: 1 }] } }],
    ["oomScoreAdj outside of -1000 to 1000: 1001", { process: { oomScoreAdj: 1001 } }],
    ["an ioPriority of no class: X", { process: { ioPriority: { class: "X", priority: 0 } } }],
    ["a scheduler of no policy: X", { process: { scheduler: { policy: "X" } } }],
    ["a capability that there isn't: CAP_X", { process: { capabilities: { bounding: ["CAP_KILL", "CAP_X"] } } }],
    ["a hook that is no absolute path: x", { hooks: { poststop: [{ path: "x" }] } }],
    ["an unknown type: x", { linux: { namespaces: [...namespaces, { type: "x" }] } }],
    ["without a mount namespace of its own", { linux: { namespaces: [{ type: "user" }] } }],
    [
      "without a mount namespace of its own",
      { linux: { namespaces: [{ type: "user" }, { type: "mount", path: "/proc/1/ns/mnt" }] } },
    ],
    [
      "a mount that is shared in a mount namespace of others",
      { linux: { rootfsPropagation: "shared", namespaces: [] } },
    ],
    [
      "a mount that is rslave in a mount namespace of others",
      { linux: { namespaces: [] }, mounts: [{ destination: "/x", options: ["rbind", "rslave"] }] },
    ],
    ["without a map of its users", { linux: { namespaces: [...namespaces, { type: "user" }] } }],
    ["shifts clocks without a time namespace", { linux: { timeOffsets: { monotonic: { secs: 1 } } } }],
    ["a hostname without a UTS namespace", { hostname: "x", linux: { namespaces } }],
    ["unknown rootfsPropagation: x", { linux: { rootfsPropagation: "x" } }],
    ["a device of an unknown type", { linux: { devices: [{ type: "x", path: "/x" }] } }],
    ["other letters than r, w and m", { linux: { resources: { devices: [{ allow: true, access: "x" }] } } }],
    ["intelRdt", { linux: { intelRdt: {} } }],
    ["an unknown personality: X", { linux: { personality: { domain: "X" } } }],
    ['sysctl "kernel.pid_max"', { linux: { sysctl: { "kernel.pid_max": "1" } } }],
  ])("refuses what %s", (message, change) => {
    expect(() => checkSpec(configOf(change as object), "config.json")).toThrow(message);
  });

  test("an empty word for the root's propagation is none", () => {
    const given = configOf({ linux: { namespaces, rootfsPropagation: "" as never } });
    expect(checkSpec(given, "config.json").spec.linux).toEqual({ namespaces });
  });

  test("keeps what it has no word for, and from version 1.1 on leaves out capabilities that no kernel has", () => {
    const capabilities = { bounding: ["CAP_KILL", "CAP_TOMORROW"] };
    const given = { ...configOf({ ociVersion: "1.1.0", process: { capabilities } }), tomorrow: { a: 1 } } as Spec;
    const { spec, warnings } = checkSpec(given, "config.json");
    expect(spec).toMatchObject({ tomorrow: { a: 1 }, process: { capabilities: { bounding: ["CAP_KILL"] } } });
    expect(warnings).toEqual(["unknown capability CAP_TOMORROW is left out"]);
  });
});

describe("a plan that waits for start", () => {
  test("tells that it waits, cuts its line, and reads one byte before the program", () => {
    const { beside, inside } = containerPlan(inputFor(SMALL, "v2", { waitsForStart: true, hasHooks: true }));
    expect(beside.filter(({ call }) => call === "write").map(({ why }) => why)).toEqual([
      "the child's surroundings are ready",
      "the hooks have run",
      "all is written down: let the program run",
    ]);
    expect(spell(inside).slice(-6)).toEqual([
      "write($control, /* 32 bytes */, 32)",
      "close($control)",
      "close($control)",
      `read($kept-${START}, /* room for 8 bytes */, 1)`,
      `close($kept-${START})`,
      'execve("/bin/true", ["/bin/true"], /* 1 var */)',
    ]);
  });

  test("what is handed over moves below all else first, and to its place last", () => {
    expect(spell([...closeOthersSteps(["a", "b"]), ...handOverSteps(["a", "b"])])).toEqual([
      "dup3($a, 4, O_CLOEXEC)",
      "dup3($b, 5, O_CLOEXEC)",
      "close_range(6, ~0U, 0)",
      "fcntl($control, F_DUPFD_CLOEXEC, 7)",
      "dup3($kept-a, 3, 0)",
      "dup3($kept-b, 4, 0)",
    ]);
  });

  test("a scheduler and a priority are numbers by their names", () => {
    const ioPriority = { class: "IOPRIO_CLASS_BE" as const, priority: 3 };
    expect(spell(schedulingSteps({ scheduler: { policy: "SCHED_FIFO", priority: 9 }, ioPriority }))).toEqual([
      "sched_setattr(0, {size=48, sched_policy=SCHED_FIFO, sched_flags=0, sched_nice=0, sched_priority=9, " +
        "sched_runtime=0, sched_deadline=0, sched_period=0}, 0)",
      "ioprio_set(1, 0, 16387)",
    ]);
  });
});
