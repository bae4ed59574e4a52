// What is left of a root after `confineSteps`: looked up in /proc, and found out by trying.

import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { CLONE, execveStep, KEYCTL, type Step, step } from "../../src/01-syscalls/index.ts";
import { userMapSteps } from "../../src/03-namespaces/index.ts";
import { nativeArchitecture, X32_BIT } from "../../src/07-security/architecture.ts";
import { compileFilter } from "../../src/07-security/compile.ts";
import {
  type Confinement,
  capabilitiesIn,
  confineSteps,
  DEFAULT_CAPABILITIES,
  defaultProfile,
  keyringSteps,
  setsFor,
} from "../../src/07-security/index.ts";
import { syscallNumbers } from "../../src/07-security/syscalls-table.ts";
import { type Ended, type PlanRun, runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";
import { fixture } from "./fixture.ts";

const { NEWNS, NEWPID, NEWIPC, NEWUTS, NEWNET, NEWUSER } = CLONE;
const NAMESPACES = NEWNS | NEWPID | NEWIPC | NEWUTS | NEWNET;
const EPERM = -1;
const ENOSYS = -38;
const SIGSYS = 31;

const root = { uid: 0, gid: 0 };
const nobody = { uid: 65534, gid: 65533, additionalGids: [4, 5] };
const filter = compileFilter(defaultProfile({ capabilities: [...DEFAULT_CAPABILITIES] }));
const FOURTEEN = "00000000a80425fb";
const NONE = "0000000000000000";

function run(confinement: Confinement, last: Step, more: Partial<PlanRun> = {}): Ended {
  return runPlan({ flags: NAMESPACES, ...more, inside: [...confineSteps(confinement), last] });
}

/** The same with everything this test may hand on: whatever is refused then, no missing capability refuses it. */
function runWithAll(seccomp: Confinement["seccomp"], last: Step): Ended {
  const held = capabilitiesIn(readFileSync("/proc/self/status", "latin1"), "CapPrm");
  return run({ user: root, capabilities: setsFor(held, 0), ...(seccomp && { seccomp }) }, last);
}

/** /proc/self/status of a program that the confined process starts. */
function statusOf(confinement: Confinement, more: Partial<PlanRun> = {}): Record<string, string> {
  const { stdout } = run(confinement, shell("exec cat /proc/self/status"), more);
  return Object.fromEntries(stdout.split("\n").map((line) => line.split(/:\s*/, 2) as [string, string]));
}

function defaults(uid = 0) {
  return setsFor([...DEFAULT_CAPABILITIES], uid);
}

describe("confineSteps", () => {
  test("a root in a default container holds Docker's fourteen capabilities, and can gain no other", () => {
    const status = statusOf({ user: root, capabilities: defaults(), seccomp: { filter } });
    expect(status).toMatchObject({ CapEff: FOURTEEN, CapPrm: FOURTEEN, CapBnd: FOURTEEN, CapInh: NONE, CapAmb: NONE });
    expect(status).toMatchObject({ Seccomp: "2", Seccomp_filters: "1", NoNewPrivs: "0" });
  });

  test("an ordinary user holds none, in just the groups asked for", () => {
    const status = statusOf({ user: nobody, capabilities: defaults(nobody.uid), seccomp: { filter } });
    expect(status).toMatchObject({ CapEff: NONE, CapPrm: NONE, CapBnd: FOURTEEN });
    expect(status).toMatchObject({ Uid: "65534\t65534\t65534\t65534", Gid: "65533\t65533\t65533\t65533" });
    expect(status.Groups?.trim()).toBe("4 5");
  });

  test("an ordinary user can load a filter after all capabilities are gone, with no_new_privs", () => {
    const capabilities = setsFor([], nobody.uid);
    const status = statusOf({ user: nobody, capabilities, noNewPrivileges: true, seccomp: { filter } });
    expect(status).toMatchObject({ CapBnd: NONE, Seccomp: "2", NoNewPrivs: "1" });
  });

  test("an ordinary user's programs are handed what is ambient", () => {
    const one = ["CAP_NET_BIND_SERVICE"];
    const capabilities = { bounding: one, effective: one, permitted: one, inheritable: one, ambient: one };
    const bit = "0000000000000400";
    expect(statusOf({ user: nobody, capabilities })).toMatchObject({ CapEff: bit, CapAmb: bit, CapBnd: bit });
  });

  test("without any capability root is root by name only", () => {
    const confinement = { user: root, capabilities: setsFor([], 0) };
    expect(statusOf(confinement)).toMatchObject({ Uid: "0\t0\t0\t0", CapEff: NONE, CapBnd: NONE });
    expect(run(confinement, shell("chroot / true")).stderr).toContain("Operation not permitted");
    expect(run({ user: root, capabilities: defaults() }, shell("chroot / true")).exitCode).toBe(0);
  });

  test("in a new user namespace, where all are held, the same are left", needs("userns"), () => {
    const one = [{ containerID: 0, hostID: 1000, size: 1 }];
    const beside = userMapSteps({ uidMappings: one, gidMappings: one }, true);
    const confinement = { user: root, capabilities: defaults(), seccomp: { filter } };
    const status = statusOf(confinement, { flags: NAMESPACES | NEWUSER, beside });
    expect(status).toMatchObject({ CapEff: FOURTEEN, CapBnd: FOURTEEN, Seccomp: "2" });
  });

  test("a set-user-ID program gives its user nothing under no_new_privs, and root's ids without", () => {
    const folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
    for (const path of [tmpdir(), folder]) chmodSync(path, 0o755);
    const program = join(folder, "cat");
    copyFileSync("/bin/cat", program);
    chmodSync(program, 0o4755);
    const uids = (noNewPrivileges: boolean) => {
      const confinement = { user: nobody, capabilities: defaults(nobody.uid), noNewPrivileges };
      return run(confinement, shell(`exec ${program} /proc/self/status`)).stdout.match(/Uid:\s(.*)/)?.[1];
    };
    expect(uids(false)).toBe("65534\t0\t0\t0");
    expect(uids(true)).toBe("65534\t65534\t65534\t65534");
    rmSync(folder, { recursive: true });
  });
});

describe("the default filter", needs("program:cc"), () => {
  const numbers = syscallNumbers(nativeArchitecture());
  let attempt: string;

  beforeAll(() => {
    attempt = fixture("attempt", "-static");
  });

  /** What the kernel answers, with the filter and without. */
  function answers(calls: string[], seccomp: Confinement["seccomp"]): number[] {
    const numbered = calls.map((call) => call.replace(/^[a-z]\w+/, (name) => String(numbers.get(name))));
    const last = execveStep({ path: attempt, argv: ["attempt", ...numbered], env: [], why: "tries" });
    return runWithAll(seccomp, last).stdout.trim().split("\n").map(Number);
  }

  // With all arguments zero none of them does any harm where it isn't refused.
  const refused = [
    "mount",
    "umount2",
    "pivot_root",
    "unshare",
    "setns",
    "fsopen",
    "open_tree",
    "move_mount",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "keyctl",
    "add_key",
    "request_key",
    "init_module",
    "finit_module",
    "kexec_load",
    "swapon",
    "acct",
    "quotactl",
    "open_by_handle_at",
    "process_madvise",
    "kcmp",
  ];

  test("refuses what leads out, though no capability is missing", () => {
    const without = answers(refused, undefined);
    expect(without.filter((answer) => answer === EPERM)).toEqual([]);
    expect(answers(refused, { filter })).toEqual(refused.map(() => EPERM));
  });

  test("refuses a clone into new namespaces, and says there is no clone3", () => {
    expect(answers([`clone:${NEWUSER}`, "clone3", "9999"], { filter })).toEqual([EPERM, ENOSYS, ENOSYS]);
  });

  test("isn't fooled by a family with something above its 32 bits", () => {
    const vsock = ["socket:40", `socket:${2 ** 32 + 40}`];
    expect(answers(vsock, undefined)).not.toContain(EPERM);
    expect(answers(vsock, { filter })).toEqual([EPERM, EPERM]);
  });

  test("kills who calls by another architecture's numbers, if the profile lists none", needs("x64"), () => {
    const { architectures: _, ...profile } = defaultProfile({ capabilities: [] });
    const capabilities = setsFor([], 0);
    const confinement = { user: root, capabilities, seccomp: { filter: compileFilter(profile) } };
    const last = execveStep({ path: attempt, argv: ["attempt", "39", `${39 + X32_BIT}`], env: [], why: "tries" });
    const { exitCode, stdout } = run(confinement, last);
    expect(stdout).toBe("1\n");
    expect(exitCode).toBe(128 + SIGSYS);
  });

  test("keeps an ordinary user from a namespace of which he would be the root", needs("userns"), () => {
    const confinement = { user: nobody, capabilities: setsFor([], nobody.uid) };
    const script = shell("unshare --user --map-root-user grep CapEff /proc/self/status");
    expect(run(confinement, script).stdout).toMatch(/CapEff:\s000001ff/);
    expect(run({ ...confinement, seccomp: { filter } }, script).stdout).toBe("");
  });
});

test("keyringSteps: the caller's session keyring stays behind", () => {
  const SESSION = -3;
  const ask = step("keyctl", [KEYCTL.GET_KEYRING_ID, SESSION, 0], { why: "which is it?" });
  const ids: number[] = [];
  runPlan({
    before: keyringSteps(),
    inside: [ask, ask, ...keyringSteps(), ask, shell("true")],
    onStep: ({ step, result }) => step === ask && ids.push(result),
  });
  const [theirs, again, own] = ids;
  expect(again).toBe(theirs);
  expect(own).toBeGreaterThan(0);
  expect(own).not.toBe(theirs);
});
