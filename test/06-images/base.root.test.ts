import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CLONE, chdirStep, chrootStep } from "../../src/01-syscalls/index.ts";
import { makeBase } from "../../src/06-images/base.ts";
import { readElf } from "../../src/06-images/elf.ts";
import { ensureImage, unpackImage } from "../../src/06-images/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "./archives.ts";

/** Runs a script with nothing but the image's files. */
async function runInBase(root: string, script: string): Promise<string> {
  const [directory] = await unpackImage(root, await ensureImage(root, "base"));
  const inside = [
    chrootStep({ path: directory!, why: "only what the image brings" }),
    chdirStep({ path: "/", why: "and nothing by the old directory" }),
    shell(script),
  ];
  const { stdout, stderr } = runPlan({ flags: CLONE.NEWNS, inside });
  return stdout + stderr;
}

const USE =
  "id -u; echo hello | tr a-z A-Z | sed s/H/J/; ls -ld /tmp /root | cut -c1-10; head -n1 /etc/passwd; [ -d /proc ] && env | sort | grep ^PATH";
const OUTPUT = "0\nJELLO\ndrwx------\ndrwxrwxrwt\nroot:x:0:0:root:/root:/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n";

describe("the image made from this host", () => {
  test("is busybox where there is a static one", needs("program:busybox"), async () => {
    const root = temporaryFolder();
    expect(await runInBase(root, `${USE}; ls -l /bin/ls | sed 's/.*-> //'`)).toBe(`${OUTPUT}busybox\n`);
  });

  test("is the host's own tools with their libraries where there is none", async () => {
    const root = temporaryFolder();
    makeBase(root, { busybox: false });
    expect(await runInBase(root, USE)).toBe(OUTPUT);
    const missing =
      "for p in cat cp mount rm sleep touch grep sed; do command -v $p >/dev/null || echo no $p; done; sleep 0";
    expect(await runInBase(root, missing)).toBe("");
  });

  test("is the same each time", () => {
    for (const busybox of [true, false]) {
      const [one, other] = [makeBase(temporaryFolder(), { busybox }), makeBase(temporaryFolder(), { busybox })];
      expect(one.digest).toBe(other.digest);
    }
  });
});

describe("readElf", () => {
  test("names the loader and libraries that the loader itself names", needs("program:ldd"), () => {
    const { interpreter, needed } = readElf(readFileSync(process.execPath))!;
    const ldd = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
    for (const name of [interpreter!, ...needed]) expect(ldd).toContain(name);
    expect(needed.length).toBeGreaterThan(3);
  });

  test("takes no script for a program, and finds nothing in a static one", needs("program:busybox"), () => {
    expect(readElf(Buffer.from("#!/bin/sh\n".repeat(20)))).toBeUndefined();
    expect(readElf(readFileSync("/bin/busybox"))).toEqual({ interpreter: undefined, needed: [], runpath: [] });
  });
});
