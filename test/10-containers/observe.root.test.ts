import { expect, test } from "vitest";
import {
  awaitStep,
  CLONE,
  cloneStep,
  execveStep,
  goStep,
  launch,
  MS,
  mountStep,
  PR,
  prctlStep,
  type Step,
  step,
} from "../../src/01-syscalls/index.ts";
import { type Change, Observer } from "../../src/10-containers/explain/changes.ts";
import { waitExit } from "../support/launch.ts";

/** Runs the steps one by one in a child with namespaces of its own; what each changed, by the name of its call. */
function changesOf(...inside: Step[]): Record<string, Change[]> {
  const changes: Record<string, Change[]> = {};
  const observer = new Observer();
  const flags = CLONE.NEWNS | CLONE.NEWUTS | CLONE.NEWNET | CLONE.PARENT;
  const { pid } = launch(
    {
      before: [step("getpid", [], { why: "to have looked before" }), cloneStep({ flags, why: "the list splits here" })],
      beside: [goStep("it may go on")],
      inside: [
        awaitStep("for the parent"),
        mountStep({ target: "/", flags: MS.PRIVATE | MS.REC, why: "nothing of this on the host" }),
        ...inside,
        execveStep({ path: "/bin/true", argv: ["true"], env: [], why: "the end" }),
      ],
    },
    {
      stepping: true,
      onStep: ({ step }, launched) => {
        changes[step.call] = observer.changes(launched);
      },
    },
  );
  expect(waitExit(pid)).toBe(0);
  return changes;
}

const about = (changes: Change[], area: string) => changes.filter((change) => change.area === area);

test("a split shows which answers are different from here on, and that no mount has changed", () => {
  const { clone3 = [] } = changesOf();
  expect(about(clone3, "namespace").map(({ name }) => name)).toEqual(["mnt", "net", "uts"]);
  expect(about(clone3, "mount")).toEqual([]);
});

test("a mount shows in the step that hangs it, and in no other", () => {
  const { mount = [], chdir = [] } = changesOf(
    mountStep({ source: "x", target: "/mnt", type: "tmpfs", flags: MS.NOSUID, why: "a mount" }),
    step("chdir", ["/mnt"], { why: "to stand in it" }),
  );
  expect(mount.map(({ area, before, after }) => ({ area, before, after }))).toEqual([
    { area: "mount", before: undefined, after: "/mnt tmpfs x rw,nosuid,relatime private" },
  ]);
  expect(chdir.map(({ area, name, after }) => [area, name, after?.split(" ")[0]])).toEqual([
    ["directory", "cwd", "/mnt"],
  ]);
});

test("who it is and what it may do: ids, groups, capabilities, no_new_privs", () => {
  const changes = changesOf(
    prctlStep({ option: PR.SET_NO_NEW_PRIVS, args: [1], why: "no more than it has" }),
    step("setgroups", [0, null], { why: "no groups" }),
    step("setresuid", [4321, 4321, 4321], { why: "somebody" }),
  );
  expect(changes.prctl).toEqual([{ area: "process", name: "no new privileges", before: "no", after: "yes" }]);
  const [uid, ...lost] = changes.setresuid!;
  expect(uid).toEqual({ area: "process", name: "uid", before: "0 0 0 0", after: "4321 4321 4321 4321" });
  expect(lost).toContainEqual({ area: "capability", name: "effective CAP_CHOWN", before: "held" });
  expect(lost.some(({ name }) => name.startsWith("bounding"))).toBe(false);
});

test("limits", () => {
  const fifty = new Uint8Array(new BigUint64Array([50n, 60n]).buffer);
  const { prlimit64 } = changesOf(step("prlimit64", [0, 7, fifty, null], { why: "few files" }));
  expect(prlimit64).toEqual([expect.objectContaining({ area: "limit", name: "Max open files", after: "50 60" })]);
});
