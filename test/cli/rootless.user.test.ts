import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";

const md = cliForTests();
const here = mkdtempSync(join(tmpdir(), "user-"));
const file = join(here, "file");
writeFileSync(file, "mine\n");

test("an ordinary user copies into a container and out of it, whether it runs or not", () => {
  md.ok("run", "-d", "--name", "on", "base", "sleep", "1000");
  md.ok("create", "--name", "off", "-v", `${here}:/data`, "base", "cat", "/x", "/data/y");
  for (const name of ["on", "off"]) {
    md.ok("cp", file, `${name}:/x`);
    md.ok("cp", `${name}:/x`, join(here, name));
    expect(readFileSync(join(here, name), "utf8")).toBe("mine\n");
    expect(statSync(join(here, name)).uid).toBe(process.getuid!());
  }
  expect(md.ok("exec", "on", "stat", "-c", "%u:%g", "/x")).toBe("0:0");
  md.ok("cp", file, "off:/data/y");
  expect(md.ok("start", "-a", "off")).toBe("mine\nmine");
  expect(md.ok("diff", "off").split("\n")).toEqual(["A /data", "A /x"]);
  md.ok("rm", "-f", "on", "off");
});

test("and sees what runs in it, without a group that would count", () => {
  md.ok("run", "-d", "--name", "on", "base", "sleep", "1001");
  expect(md.ok("top", "on", "-o", "pid,args")).toContain("sleep 1001");
  expect(md.ok("stats", "--no-stream", "--format", "{{.CPUPerc}} {{.MemUsage}} {{.PIDs}}", "on")).toBe("-- -- --");
  md.ok("rm", "-f", "on");
});

test("and takes bundles out as copies; only root mounts on the host", () => {
  md.ok("create", "--name", "box", "base", "echo", "hi");
  const bundle = join(here, "bundle");
  md.ok("bundle", "box", "--copy", bundle);
  expect(md.ok("bundle", "run", bundle)).toBe("hi");
  expect(md.call("bundle", "box", "--mount", join(here, "mounted")).stderr).toContain(
    "only root can mount on the host",
  );
});

test("and the doctor is content", () => {
  expect(md.call("doctor").code).toBe(0);
});
