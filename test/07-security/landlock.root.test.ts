// What Landlock keeps a root from that nothing else would: tried, with all capabilities.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLONE } from "../../src/01-syscalls/index.ts";
import { landlockAbi, landlockSteps, parseLandlock } from "../../src/07-security/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";

describe("landlockSteps", needs("landlock"), () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
    for (const name of ["open", "closed"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "closed", "secret"), "secret\n");
    writeFileSync(join(folder, "file"), "file\n");
    symlinkSync("closed", join(folder, "link"));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const SYSTEM = "rx:/usr,rx:/etc,rw:/dev";

  /** What the script prints; Debian's shell and its libraries are below /usr. */
  function tried(rules: string, script: string): string {
    const landlock = { rules: parseLandlock(rules.replaceAll("@", folder)), abi: landlockAbi() };
    const inside = [...landlockSteps(landlock), shell(script.replaceAll("@", folder), "/usr/bin/sh")];
    const { stdout, stderr } = runPlan({ flags: CLONE.NEWNS, inside });
    return (stdout + stderr).replaceAll(folder, "@");
  }

  test("what no rule names root can neither read nor change, nor can its children", () => {
    const script = "cat @/closed/secret; sh -c 'echo > @/closed/new'; rm @/closed/secret; ls @/closed";
    const printed = tried(SYSTEM, script);
    expect(printed.match(/Permission denied/g)).toHaveLength(4);
    expect(printed).not.toContain("secret\n");
    expect(tried(`${SYSTEM},r:@/closed`, "cat @/closed/secret")).toBe("secret\n");
  });

  test("r is no w, and w no x", () => {
    const script = "cat @/closed/secret; echo more >> @/closed/secret; cp /usr/bin/true @/open/true; @/open/true";
    const printed = tried(`${SYSTEM},r:@/closed,rw:@/open`, script);
    expect(printed).toMatch(/^secret\n/);
    expect(printed.match(/@\/(closed\/secret|open\/true): Permission denied/g)).toHaveLength(2);
  });

  test("a rule may be about a file alone", () => {
    expect(tried(`${SYSTEM},rw:@/file`, "echo >> @/file; head -1 @/file; cat @/closed/secret")).toMatch(
      /^file\ncat: @\/closed\/secret: Permission denied\n$/,
    );
  });

  test("it mounts nothing any more, and a shell of its own is under the same rules", () => {
    expect(tried(`${SYSTEM},rwx:@/open`, "mount -t tmpfs none @/open || echo kept")).toContain("kept");
  });

  test("a link in a rule's path is refused: who could change it could widen the rule", () => {
    expect(() => tried(`${SYSTEM},r:@/link`, "true")).toThrow("ELOOP");
    expect(() => tried(`${SYSTEM},r:@/nowhere`, "true")).toThrow("ENOENT");
  });
});
