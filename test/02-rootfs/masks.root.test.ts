import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Mount, maskedPathSteps, mountSteps, readonlyPathSteps } from "../../src/02-rootfs/index.ts";
import { needs } from "../support/needs.ts";
import { type Image, makeImage, runIn } from "./image.ts";

const MOUNTS: Mount[] = [
  { destination: "/proc", type: "proc", source: "proc" },
  { destination: "/sys", type: "sysfs", source: "sysfs" },
];

let image: Image;

beforeEach(() => {
  image = makeImage();
  mkdirSync(join(image.root, "etc/keys"));
  for (const name of ["etc/keys/one", "etc/password"]) writeFileSync(join(image.root, name), "secret\n");
});
afterEach(() => image.remove());

describe("a masked path", needs("program:busybox"), () => {
  const mask = (...paths: string[]) => [...mountSteps(MOUNTS), ...maskedPathSteps(paths)];

  test("of the kernel is empty, be it a file or a directory, and stays so", () => {
    const script = `
      wc -c < /proc/interrupts; ls /sys/kernel | wc -l
      echo x > /proc/interrupts; touch /sys/kernel/x || echo refused`;
    const { stdout } = runIn(image, mask("/proc/interrupts", "/sys/kernel"), script);
    expect(stdout).toBe("0\n0\nrefused\n");
  });

  test("of the image is empty too, though nobody knew what it would be", () => {
    const script = "cat /etc/password; ls /etc/keys";
    expect(runIn(image, mask("/etc/password", "/etc/keys"), script)).toMatchObject({ stdout: "", stderr: "" });
  });

  test("is hidden under every name that leads to it", () => {
    symlinkSync("password", join(image.root, "etc/alias"));
    expect(runIn(image, mask("/etc/alias"), "cat /etc/alias /etc/password").stdout).toBe("");
  });

  test("that isn't there is no failure", () => {
    expect(runIn(image, mask("/proc/no-such", "/etc/no/such", "/sys/no-such"), "echo up").stdout).toBe("up\n");
  });

  test("doesn't lend the host's /dev/null to be changed", () => {
    const before = statSync("/dev/null").mode;
    const { stdout } = runIn(image, mask("/proc/interrupts"), "chmod 600 /proc/interrupts || echo refused");
    const after = statSync("/dev/null").mode;
    chmodSync("/dev/null", before & 0o7777);
    expect(stdout).toBe("refused\n");
    expect(after).toBe(before);
  });

  test("is masked by the host's /dev/null even if the image's leads elsewhere (CVE-2025-31133)", () => {
    symlinkSync("/proc/sys/kernel/core_pattern", join(image.root, "dev/null"));
    expect(runIn(image, mask("/proc/interrupts"), "cat /proc/interrupts").stdout).toBe("");
  });

  test("stops the start if it isn't what it was taken for", () => {
    const wrong = (kind: "file" | "directory", path: string) => () =>
      runIn(image, [...mountSteps(MOUNTS), ...maskedPathSteps([path], () => kind)], "true");
    expect(wrong("file", "/etc/keys")).toThrow(/move_mount.* = EINVAL/);
    expect(wrong("directory", "/etc/password")).toThrow(/openat2.* = ENOTDIR/);
  });
});

describe("a read-only path", needs("program:busybox"), () => {
  test("can be read and not written, nor can what is mounted below it", () => {
    const mounts = [...MOUNTS, { destination: "/proc/sys/fs", type: "tmpfs" }];
    const below = [...mountSteps(mounts), ...readonlyPathSteps(["/proc/sys", "/proc/no-such"])];
    const script = `
      cat /proc/sys/kernel/ostype
      cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness || echo refused
      touch /proc/sys/fs/x || echo refused
      touch /etc/x && echo elsewhere`;
    const { stdout } = runIn(image, below, script);
    expect(stdout).toBe("Linux\nrefused\nrefused\nelsewhere\n");
  });
});
