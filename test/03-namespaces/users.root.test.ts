import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLONE, fchdirStep, O, openStep, reg, step } from "../../src/01-syscalls/index.ts";
import { becomeRootSteps, userMapSteps } from "../../src/03-namespaces/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";

const mappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
const beside = userMapSteps({ uidMappings: mappings, gidMappings: mappings }, true);

describe("a user namespace made by root", needs("userns"), () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
    chmodSync(folder, 0o777);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("userMapSteps: the map is seen from inside and from outside", () => {
    let outside = "";
    const beforeGo = (pid: number) => {
      outside = readFileSync(`/proc/${pid}/uid_map`, "utf8");
    };
    const inside = [...becomeRootSteps(), shell("cat /proc/self/uid_map; id -u; id -g")];
    const { stdout } = runPlan({ flags: CLONE.NEWUSER, beside, inside, beforeGo });
    expect(stdout.trim().split(/\s+/)).toEqual(["0", "100000", "1000", "0", "0"]);
    expect(outside.trim().split(/\s+/)).toEqual(["0", "100000", "1000"]);
  });

  test("becomeRootSteps: root in there is an unused id out here, and may do nothing to the host", () => {
    const before = [openStep({ path: folder, flags: O.PATH | O.DIRECTORY, why: "a folder of the host", as: "folder" })];
    const inside = [...becomeRootSteps(), fchdirStep({ fd: reg("folder"), why: "to leave a file in" })];
    const script = shell("touch mine; stat -c %u mine; echo x > /proc/sys/kernel/core_pattern || echo refused");
    const { stdout } = runPlan({ flags: CLONE.NEWUSER, before, beside, inside: [...inside, script] });
    expect(stdout).toBe("0\nrefused\n");
    expect(statSync(join(folder, "mine")).uid).toBe(100_000);
  });

  test("becomeRootSteps: no group of who started it comes along", () => {
    const groups = new Uint8Array(new Uint32Array([4]).buffer);
    const before = [step("setgroups", [1, groups], { why: "the group adm, which reads logs" })];
    const ids = shell("id -G");
    expect(runPlan({ before, inside: [ids] }).stdout).toContain("4");
    expect(runPlan({ flags: CLONE.NEWUSER, before, beside, inside: [...becomeRootSteps(), ids] }).stdout).toBe("0\n");
  });
});
