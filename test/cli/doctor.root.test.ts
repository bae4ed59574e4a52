import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../src/10-containers/doctor/finding.ts";
import { cliForTests } from "../support/cli.ts";

const md = cliForTests();

const examined = (...argv: string[]) => {
  const { code, stdout } = md.call(...argv, "doctor", "--json");
  return { code, ...(JSON.parse(stdout) as { ok: boolean; findings: Finding[] }) };
};

test("where containers run the doctor says so, has tried it, and leaves nothing", () => {
  const { code, ok, findings } = examined();
  expect(findings.filter(({ status }) => status === "broken")).toEqual([]);
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  const found = (name: string) => findings.find((finding) => finding.name === name)?.found;
  expect(found("namespaces")).toContain("mount pid network ipc uts");
  expect(found("a container")).toMatch(/^was made, ran and is gone, in \d+ ms$/);
  expect(existsSync(md.root)).toBe(false);
  const text = md.ok("doctor");
  expect(text).toMatch(/^✓ system calls from Node/);
  expect(text).toMatch(/Containers run on this machine\.$/);
});

test("whatever is lacking has a reason and a remedy", () => {
  for (const { status, why, mend } of examined().findings) {
    if (status !== "ok") expect([why, mend]).not.toContain(undefined);
  }
});

test("where they don't run it says what is wrong, and fails", () => {
  const folder = mkdtempSync(join(tmpdir(), "bad-"));
  writeFileSync(join(folder, "file"), "");
  const { code, ok, findings } = examined("--root", join(folder, "file", "root"));
  expect({ code, ok }).toEqual({ code: 1, ok: false });
  const broken = findings.filter(({ status }) => status === "broken").map(({ name }) => name);
  expect(broken).toContain("a container");
});

test("on a root folder with containers in it, they are left alone", () => {
  md.ok("create", "--name", "mine", "base", "true");
  mkdirSync(join(md.root, "other"));
  const before = readdirSync(md.root).sort();
  expect(examined().ok).toBe(true);
  expect(readdirSync(md.root).sort()).toEqual(before);
  expect(md.ok("ps", "-a", "--format", "{{.Names}}")).toBe("mine");
});

test("info and version are for people and for scripts", () => {
  expect(md.ok("info")).toMatch(/^Containers: 1\n Running: 0\n/);
  expect(md.ok("info", "--format", "{{.Containers}} {{.Images}} {{.OSType}}")).toBe("1 1 linux");
  expect(md.ok("version", "--format", "{{.Server.Version}}")).toBe(md.ok("--version").split(" ").at(-1));
  expect(JSON.parse(md.ok("version", "-f", "json")).Client.Os).toBe("linux");
});

test("verbs stand in their groups, too, and help names them all", () => {
  expect(md.ok("container", "ls", "-aq")).toBe(md.ok("ps", "-aq"));
  expect(md.ok("image", "ls", "-q")).toBe(md.ok("images", "-q"));
  expect(md.call("container", "nosuch").stderr).toContain("unknown command: mini-docker container nosuch");
  const help = md.ok("--help");
  const verbs = help.match(/^ {2}([a-z]+) {2}/gm)!.map((line) => line.trim());
  expect(verbs).toEqual(expect.arrayContaining(["run", "cp", "bundle", "container", "image", "doctor"]));
  expect(help).not.toContain("internal");
  for (const verb of verbs) expect(md.ok(verb, "--help")).toMatch(new RegExp(`^Usage: {2}mini-docker ${verb} `));
  expect(md.ok("container", "rm", "mine")).toBe("mine");
});
