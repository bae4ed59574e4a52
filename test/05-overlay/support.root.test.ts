import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { kernelSupport, overlayRefusal } from "../../src/05-overlay/index.ts";
import { needs } from "../support/needs.ts";
import { makeStack, runInOverlay } from "./stack.ts";

describe("overlay's support", () => {
  test("layer by layer from 6.8 on", needs("kernel:6.8"), () => {
    expect(kernelSupport()).toBe("append");
  });

  test("is there where tests keep their files", () => {
    expect(overlayRefusal(makeStack(0).upper)).toBeUndefined();
  });

  test("is refused on an overlay, and we know it", async () => {
    const { lower, upper, work, at } = makeStack(1);
    const mount = `mount -t overlay overlay -o lowerdir=${lower[0]},upperdir=${upper},workdir=${work} ${at}`;
    const holder = spawn("unshare", ["--mount", "sh", "-c", `${mount} && echo mounted && exec cat`]);
    await once(holder.stdout, "data");
    const inside = `/proc/${holder.pid}/root${at}`;
    expect(overlayRefusal(inside)).toBe(`${inside} lies on another overlay`);
    holder.stdin.end();
    await once(holder, "close");
  });

  test("is refused on an overlay by the kernel", () => {
    const outer = makeStack(1);
    for (const name of ["upper", "work", "at"]) mkdirSync(`${outer.lower[0]}/${name}`);
    const inner = "mount -t overlay inner -o lowerdir=.,upperdir=upper,workdir=work at";
    expect(runInOverlay(outer, `stat -f -c %t . && ${inner}`)).toMatchObject({ stdout: "794c7630\n", exitCode: 32 });
  });
});
