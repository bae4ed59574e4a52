import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { processesNamed } from "../../src/course/grade/processes.ts";

test("children that end while they are looked at make no second probe", async () => {
  const folder = mkdtempSync(join(tmpdir(), "probe-"));
  const program = join(folder, "probe-1f3a");
  copyFileSync("/bin/sh", program);
  const child = spawn(program, ["-c", "echo; while :; do (:); done"], {
    argv0: "sh",
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  await once(child.stdout, "data");
  const found = Array.from({ length: 500 }, () => processesNamed("probe-1f3a", new Set()));
  expect([...new Set(found.flat())]).toEqual([child.pid]);
});
