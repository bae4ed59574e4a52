import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSecurityOptions, refuseMissingModules } from "../../src/07-security/index.ts";

const DEFAULTS = { noNewPrivileges: false, seccomp: "builtin", labels: [], systemPaths: "default" };

describe("parseSecurityOptions", () => {
  test.each([
    [[], {}],
    [["no-new-privileges"], { noNewPrivileges: true }],
    [["no-new-privileges=true"], { noNewPrivileges: true }],
    [["no-new-privileges:1"], { noNewPrivileges: true }],
    [["no-new-privileges", "no-new-privileges=false"], { noNewPrivileges: false }],
    [["seccomp=unconfined"], { seccomp: "unconfined" }],
    [["seccomp:unconfined"], { seccomp: "unconfined" }],
    [["seccomp=builtin"], { seccomp: "builtin" }],
    [['seccomp={"defaultAction":"SCMP_ACT_LOG"}'], { seccomp: { defaultAction: "SCMP_ACT_LOG" } }],
    [["apparmor=unconfined"], { apparmor: "unconfined" }],
    [["label=type:spc_t", "label=level:s0:c1,c2"], { labels: ["type:spc_t", "level:s0:c1,c2"] }],
    [["systempaths=unconfined"], { systemPaths: "unconfined" }],
    [["landlock=rx:/,rwx:/tmp"], { landlock: "rx:/,rwx:/tmp" }],
  ])("%j", (given, expected) => {
    expect(parseSecurityOptions(given)).toEqual({ ...DEFAULTS, ...expected });
  });

  test.each(["no-new-privileges=yes", "seccomp", "seccomp=", "systempaths=confined", "landscape=wide", ""])(
    "refuses %j in Docker's words",
    (given) => {
      expect(() => parseSecurityOptions([given])).toThrow(`invalid --security-opt: ${JSON.stringify(given)}`);
    },
  );

  test("a profile comes from a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
    const [good, bad] = [join(folder, "good.json"), join(folder, "bad.json")];
    writeFileSync(good, '{"defaultAction":"SCMP_ACT_ERRNO"}');
    writeFileSync(bad, "{");
    expect(parseSecurityOptions([`seccomp=${good}`]).seccomp).toEqual({ defaultAction: "SCMP_ACT_ERRNO" });
    expect(() => parseSecurityOptions([`seccomp=${bad}`])).toThrow("decoding seccomp profile failed: ");
    expect(() => parseSecurityOptions(["seccomp=/nowhere"])).toThrow(
      "opening seccomp profile (/nowhere) failed: ENOENT",
    );
    rmSync(folder, { recursive: true });
  });
});

describe("refuseMissingModules", () => {
  const none = { apparmor: false, selinux: false, landlock: false };

  test("a protection that the host lacks is refused when it was asked for by name", () => {
    const refuse = (given: string) => () => refuseMissingModules(parseSecurityOptions([given]), none);
    expect(refuse("apparmor=docker-default")).toThrow(
      "apparmor=docker-default was asked for, but this host's kernel has no",
    );
    expect(refuse("label=type:spc_t")).toThrow("label=type:spc_t was asked for, but this host's kernel has no SELinux");
    expect(refuse("landlock=rx:/")).toThrow("landlock=rx:/ was asked for, but this host's kernel has no Landlock");
  });

  test("to be left alone by it is fine everywhere", () => {
    const options = parseSecurityOptions(["apparmor=unconfined", "label=disable"]);
    expect(() => refuseMissingModules(options, none)).not.toThrow();
  });
});
