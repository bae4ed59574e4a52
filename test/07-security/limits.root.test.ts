import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CLONE } from "../../src/01-syscalls/index.ts";
import {
  grantableOomScore,
  grantableRlimits,
  oomScoreSteps,
  rlimitSteps,
  sysctlSteps,
} from "../../src/07-security/index.ts";
import { runPlan, shell } from "../support/launch.ts";

const { NEWNS, NEWPID, NEWIPC, NEWUTS, NEWNET } = CLONE;
const flags = NEWNS | NEWPID | NEWIPC | NEWUTS | NEWNET;
const setting = (name: string) => readFileSync(`/proc/sys/${name}`, "utf8").trim();

describe("rlimitSteps", () => {
  test("are the limits of the program", () => {
    const steps = rlimitSteps([
      { type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
      { type: "RLIMIT_CORE", soft: 0, hard: 0 },
    ]);
    const { stdout } = runPlan({ inside: [...steps, shell("ulimit -Sn; ulimit -Hn; ulimit -Hc")] });
    expect(stdout).toBe("100\n200\n0\n");
  });

  test("start the program whatever was asked for, once grantable", () => {
    const { granted } = grantableRlimits([{ type: "RLIMIT_NOFILE", soft: 2 ** 30, hard: 2 ** 30 }]);
    expect(runPlan({ inside: [...rlimitSteps(granted), shell("true")] }).exitCode).toBe(0);
  });
});

describe("oomScoreSteps", () => {
  test("set the score of the program", () => {
    expect(runPlan({ inside: [...oomScoreSteps(345), shell("cat /proc/self/oom_score_adj")] }).stdout).toBe("345\n");
  });

  test("start the program even where the score can't be had", () => {
    const { granted } = grantableOomScore(-1000);
    const { exitCode, stdout } = runPlan({ inside: [...oomScoreSteps(-1000), shell("cat /proc/self/oom_score_adj")] });
    expect({ exitCode, score: Number(stdout) }).toEqual({ exitCode: 0, score: granted });
  });
});

describe("sysctlSteps", () => {
  test("set what belongs to the container's namespaces, and not the host's", () => {
    const sysctls = {
      "net.ipv4.ip_unprivileged_port_start": "77",
      "net/ipv4/conf/lo/forwarding": "1",
      "kernel.shm_rmid_forced": "1",
      "kernel.domainname": "inside",
    };
    const before = ["net/ipv4/ip_unprivileged_port_start", "kernel/shm_rmid_forced", "kernel/domainname"].map(setting);
    const paths = Object.keys(sysctls).map((name) => `/proc/sys/${name.replaceAll(".", "/")}`);
    const { stdout } = runPlan({ flags, inside: [...sysctlSteps(sysctls), shell(`cat ${paths.join(" ")}`)] });
    expect(stdout.trim().split("\n")).toEqual(Object.values(sysctls));
    const after = ["net/ipv4/ip_unprivileged_port_start", "kernel/shm_rmid_forced", "kernel/domainname"].map(setting);
    expect(after).toEqual(before);
  });

  test("name the setting that isn't there", () => {
    const inside = [...sysctlSteps({ "net.ipv4.no_such_thing": "1" }), shell("true")];
    expect(() => runPlan({ flags, inside })).toThrow(/openat2\(.*no_such_thing.*\) = ENOENT/);
  });
});
