import { describe, expect, test } from "vitest";
import { spellCall } from "../../src/01-syscalls/index.ts";
import { confineSteps, DEFAULT_CAPABILITIES, seccompSteps, setsFor } from "../../src/07-security/index.ts";

const filter = new Uint8Array(16);
const calls = (steps: ReturnType<typeof confineSteps>) => steps.map(spellCall);
const held = [...DEFAULT_CAPABILITIES, "CAP_SYS_ADMIN"];

describe("confineSteps", () => {
  test("root without no_new_privs: the filter comes first, while CAP_SYS_ADMIN is still there", () => {
    const capabilities = setsFor([...DEFAULT_CAPABILITIES], 0);
    expect(
      calls(confineSteps({ user: { uid: 0, gid: 0 }, capabilities, held, seccomp: { filter } })),
    ).toMatchInlineSnapshot(`
      [
        "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=2, filter=/* 16 bytes */})",
        "prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0)",
        "setgroups(0, NULL)",
        "setresgid(0, 0, 0)",
        "setresuid(0, 0, 0)",
        "capset({version=0x20080522, pid=0}, {effective=0xa80425fb, permitted=0xa80425fb, inheritable=0x0, effective=0x0, permitted=0x0, inheritable=0x0})",
      ]
    `);
  });

  test("an ordinary user with no_new_privs: the filter comes last, and capabilities outlive the change of user", () => {
    const one = ["CAP_NET_BIND_SERVICE"];
    const capabilities = { bounding: one, effective: [], permitted: one, inheritable: one, ambient: one };
    const user = { uid: 1000, gid: 100, additionalGids: [10, 20], umask: 0o27 };
    const confinement = {
      user,
      capabilities,
      held: [...one, "CAP_SYS_ADMIN"],
      noNewPrivileges: true,
      seccomp: { filter },
    };
    expect(calls(confineSteps(confinement))).toMatchInlineSnapshot(`
      [
        "prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0)",
        "prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)",
        "setgroups(2, {[0]=10, [1]=20})",
        "setresgid(100, 100, 100)",
        "setresuid(1000, 1000, 1000)",
        "umask(027)",
        "capset({version=0x20080522, pid=0}, {effective=0x0, permitted=0x400, inheritable=0x400, effective=0x0, permitted=0x0, inheritable=0x0})",
        "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0)",
        "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)",
        "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=2, filter=/* 16 bytes */})",
      ]
    `);
  });

  test("where groups can't be set, they are left alone", () => {
    const steps = calls(confineSteps({ user: { uid: 0, gid: 0 }, canSetGroups: false }));
    expect(steps).toEqual(["setresgid(0, 0, 0)", "setresuid(0, 0, 0)"]);
  });
});

describe("seccompSteps", () => {
  test("flags by name", () => {
    const flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"];
    const [step] = seccompSteps(filter, flags);
    expect(spellCall(step!)).toMatchInlineSnapshot(
      `"seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG|SECCOMP_FILTER_FLAG_SPEC_ALLOW, {len=2, filter=/* 16 bytes */})"`,
    );
  });

  test("an unknown flag is refused", () => {
    expect(() => seccompSteps(filter, ["FAST"])).toThrow('unknown seccomp flag "FAST"');
  });
});
