import { spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cpioOf } from "../../../src/course/vm/cpio.ts";
import { Listener, QUESTIONS } from "../../../src/course/vm/questions.ts";
import { needs } from "../../support/needs.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mini-docker-vm-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("an initramfs is the folder again, for whoever unpacks it", needs("program:busybox"), () => {
  const [from, to] = ["from", "to"].map((name) => join(folder, name)) as [string, string];
  mkdirSync(join(from, "bin"), { recursive: true });
  mkdirSync(to);
  writeFileSync(join(from, "bin/program"), "one two");
  chmodSync(join(from, "bin/program"), 0o750);
  symlinkSync("program", join(from, "bin/link"));
  const { status } = spawnSync("busybox", ["cpio", "-i"], { cwd: to, input: cpioOf(from, { init: "first\n" }) });
  expect(status).toBe(0);
  expect(readFileSync(join(to, "bin/program"), "utf8")).toBe("one two");
  expect(lstatSync(join(to, "bin/program")).mode).toBe(0o100750);
  expect(readlinkSync(join(to, "bin/link"))).toBe("program");
  expect(readFileSync(join(to, "init"), "utf8")).toBe("first\n");
  expect(lstatSync(join(to, "init")).mode).toBe(0o100755);
});

test("the questions are answered by any shell", () => {
  const { stdout } = spawnSync("sh", ["-c", QUESTIONS], { encoding: "utf8" });
  const listener = new Listener();
  const ends = stdout
    .trim()
    .split("\n")
    .map((line) => listener.line(line));
  expect(ends.lastIndexOf(true)).toBe(ends.length - 1);
  const { kernel, processes, uptimeMs, residentBytes, firstWordMs } = listener.heard;
  expect(kernel).toBe(readFileSync("/proc/sys/kernel/osrelease", "utf8").trim());
  expect(processes).toBeGreaterThan(1);
  expect(firstWordMs).toBeGreaterThan(0);
  expect(uptimeMs).toBeGreaterThan(1000);
  expect(residentBytes).toBeGreaterThan(100_000);
});
