import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBeneath, readLayerFile } from "../../src/10-containers/spec/layer-files.ts";

let folder: string;
const inLayer = (layer: string) => join(folder, layer, "etc/passwd");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "layers-"));
  for (const layer of ["lower", "upper"]) mkdirSync(join(folder, layer, "etc"), { recursive: true });
  writeFileSync(inLayer("lower"), "root:x:0:0::/root:/bin/sh\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = () => readLayerFile([join(folder, "lower"), join(folder, "upper")], "etc/passwd");

describe("readLayerFile", () => {
  test("the topmost layer that has the file counts", () => {
    expect(read()).toBe("root:x:0:0::/root:/bin/sh\n");
    writeFileSync(inLayer("upper"), "ü:x:1:1::/:\n");
    expect(read()).toBe("ü:x:1:1::/:\n");
  });

  test("a link to a file of the host finds none", () => {
    symlinkSync("/etc/passwd", inLayer("upper"));
    rmSync(inLayer("lower"));
    expect(read()).toBeUndefined();
  });
});

describe("readBeneath takes for no file, and doesn't wait for,", () => {
  const upper = () => readBeneath(join(folder, "upper"), "etc/passwd");

  test("a fifo that nobody writes to", () => {
    spawnSync("mkfifo", [inLayer("upper")]);
    expect(upper()).toBeUndefined();
  });

  test("a terabyte of nothing", () => {
    writeFileSync(inLayer("upper"), "");
    truncateSync(inLayer("upper"), 2 ** 40);
    expect(upper()).toBeUndefined();
  });

  test("a device that never ends, and the kernel's log, which is a file without a size", () => {
    expect(readBeneath("/", "dev/zero")).toBeUndefined();
    expect(readBeneath("/", "proc/kmsg") ?? "").toBe("");
  });
});
