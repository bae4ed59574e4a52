import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { FRAME, outputOf, start, temporaryFolder } from "./monitor-harness.ts";

describe("monitor, on a full disk", () => {
  test("lets the container go on, and says in the log how much of it is missing", async () => {
    const disk = smallDisk();
    writeFileSync(join(disk, "ballast"), Buffer.alloc(100_000));
    const command = "seq -f %070.0f 1 4000; echo full; read a; echo it goes on";
    const container = await start({ command, foreground: true, options: [`log=${disk}/log`] });
    await container.foreground.until("full\n");
    rmSync(join(disk, "ballast"));
    container.foreground.send(FRAME.stdin, "\n");
    const written = (await container.foreground.end()).output();

    const log = readFileSync(join(disk, "log"));
    const kept = outputOf(log, "stdout");
    const notes = [
      ...outputOf(log, "stderr")
        .toString()
        .matchAll(/^\[mini-docker: (\d+) bytes of log lost: disk full\]$/gm),
    ];
    const lost = notes.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    expect(lost).toBeGreaterThan(100_000);
    expect(kept.length + lost).toBe(written.length);
    expect(written.subarray(0, 35_500).equals(kept.subarray(0, 35_500))).toBe(true);
    expect(kept.toString().endsWith("\nit goes on\n")).toBe(true);
  });

  test("records the exit all the same", async () => {
    const dir = smallDisk();
    const container = await start({ command: `head -c 1M /dev/zero >${dir}/ballast; exit 6`, dir });
    await container.ended;
    expect(() => writeFileSync(join(dir, "more"), "x")).toThrow("ENOSPC");
    expect(JSON.parse(container.read("exit.json")).exitCode).toBe(6);
  });
});

/** A disk of 256 kB, there until the test is over. */
function smallDisk(): string {
  const folder = temporaryFolder();
  expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]).status).toBe(0);
  onTestFinished(() => {
    expect(spawnSync("umount", [folder]).status).toBe(0);
  });
  return folder;
}
