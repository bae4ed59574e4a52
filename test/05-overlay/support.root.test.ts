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

  test("is refused where the kernel refuses it: on an overlay", () => {
    const outer = makeStack(1);
    for (const name of ["upper", "work", "at"]) mkdirSync(`${outer.lower[0]}/${name}`);
    const inner = "mount -t overlay inner -o lowerdir=.,upperdir=upper,workdir=work at";
    expect(runInOverlay(outer, `stat -f -c %t . && ${inner}`)).toMatchObject({ stdout: "794c7630\n", exitCode: 32 });
  });
});
