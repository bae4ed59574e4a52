import { describe, expect, test } from "vitest";
import { spellCall } from "../../src/01-syscalls/index.ts";
import {
  checkSysctls,
  grantableOomScore,
  grantableRlimits,
  rlimitSteps,
  sysctlSteps,
} from "../../src/07-security/index.ts";

describe("rlimitSteps", () => {
  test("no limit is 2⁶⁴ - 1, however it was rounded", () => {
    const steps = rlimitSteps([{ type: "RLIMIT_NOFILE", soft: 1024, hard: 2 ** 64 }]);
    expect(steps.map(spellCall)).toMatchInlineSnapshot(`
      [
        "prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=RLIM64_INFINITY}, NULL)",
      ]
    `);
  });

  test("an unknown limit is refused", () => {
    expect(() => rlimitSteps([{ type: "NOFILE", soft: 1, hard: 1 }])).toThrow("invalid rlimit type: NOFILE");
  });
});

describe("grantableRlimits", () => {
  const limits = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max open files            1024                 20000                files     
`;
  const nofile = (soft: number, hard: number) => ({ type: "RLIMIT_NOFILE", soft, hard });

  test("what this process can't raise comes down to its own hard limit, the soft one no further than it must", () => {
    const own = { limits, canRaise: false };
    expect(grantableRlimits([nofile(1024, 2 ** 64)], own)).toEqual({
      granted: [nofile(1024, 20000)],
      warnings: ["RLIMIT_NOFILE is 20000: it can't be raised above this process's own hard limit"],
    });
    expect(grantableRlimits([nofile(-1, -1)], own).granted).toEqual([nofile(20000, 20000)]);
  });

  test("what is below, or has no limit, or can be raised, stays as asked", () => {
    const cpu = { type: "RLIMIT_CPU", soft: -1, hard: -1 };
    const asked = [nofile(100, 20000), cpu];
    expect(grantableRlimits(asked, { limits, canRaise: false })).toEqual({ granted: asked, warnings: [] });
    expect(grantableRlimits([nofile(1, 99999)], { limits, canRaise: true }).granted).toEqual([nofile(1, 99999)]);
  });
});

describe("grantableOomScore", () => {
  test("without CAP_SYS_RESOURCE it isn't lowered", () => {
    expect(grantableOomScore(-500, 0, false)).toEqual({
      granted: 0,
      warnings: ["oom_score_adj is 0: it can't be lowered without CAP_SYS_RESOURCE"],
    });
    expect(grantableOomScore(500, 0, false)).toEqual({ granted: 500, warnings: [] });
    expect(grantableOomScore(-500, 0, true)).toEqual({ granted: -500, warnings: [] });
  });
});

describe("sysctls", () => {
  const own = { ipc: true, network: true, uts: true };
  const shared = { ipc: false, network: false, uts: false };

  test("what belongs to a namespace of the container's own may be set", () => {
    const fine = {
      "net.core.somaxconn": "1",
      "kernel.shmmax": "1",
      "fs.mqueue.msg_max": "1",
      "kernel.domainname": "x",
    };
    expect(() => checkSysctls(fine, own)).not.toThrow();
  });

  test.each([
    ["net.core.somaxconn", shared, 'sysctl "net.core.somaxconn" not allowed in host network namespace'],
    ["kernel.sem", shared, 'sysctl "kernel.sem" is not allowed in the hosts ipc namespace'],
    ["kernel.core_pattern", own, 'sysctl "kernel.core_pattern" is not in a separate kernel namespace'],
    ["kernel/core_pattern", own, 'sysctl "kernel/core_pattern" is not in a separate kernel namespace'],
    ["kernel.hostname", own, 'sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" field'],
    ["vm.swappiness", own, 'sysctl "vm.swappiness" is not in a separate kernel namespace'],
    ["net/../kernel/core_pattern", own, '"net/../kernel/core_pattern" is not a sysctl'],
    ["net.", own, '"net." is not a sysctl'],
  ])("%s is refused in runc's words", (name, namespaces, message) => {
    expect(() => checkSysctls({ [name]: "1" }, namespaces)).toThrow(message);
  });

  test("are written beneath a procfs that hangs nowhere", () => {
    expect(sysctlSteps({ "net.ipv4.conf.eth0/1.forwarding": "1" }).map(spellCall)).toMatchInlineSnapshot(`
      [
        "fsopen("proc", FSOPEN_CLOEXEC)",
        "fsconfig($fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)",
        "fsmount($fs, FSMOUNT_CLOEXEC, 0)",
        "close($fs)",
        "openat2($proc, "sys/net/ipv4/conf/eth0.1/forwarding", {flags=O_WRONLY|O_CLOEXEC, mode=0, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)",
        "write($setting, "1", 1)",
        "close($setting)",
        "close($proc)",
      ]
    `);
  });

  test("none asked for is no call at all", () => {
    expect(sysctlSteps({})).toEqual([]);
    expect(sysctlSteps(undefined)).toEqual([]);
  });
});
