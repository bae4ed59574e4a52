import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLONE, chdirStep, O, openStep, reg, type Step } from "../../src/01-syscalls/index.ts";
import { mountSteps, workdirSteps } from "../../src/02-rootfs/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";
import { type Image, makeImage, rootSteps } from "./image.ts";

let image: Image;

beforeEach(() => {
  image = makeImage();
  writeFileSync(join(image.host, "secret"), "of the host\n");
});
afterEach(() => image.remove());

describe("the working directory", needs("program:busybox"), () => {
  /** A launcher that forgot to close a directory of the host, and a program that starts where `steps` lead. */
  const startIn = (steps: Step[]) => {
    const flags = O.PATH | O.DIRECTORY;
    const before = [openStep({ path: image.root, flags, why: "forgotten", as: "forgotten" })];
    const root = rootSteps(image, mountSteps([{ destination: "/proc", type: "proc" }]));
    const script = shell("/bin/cat ../secret; /bin/stat -c %a .");
    return runPlan({ flags: CLONE.NEWNS | CLONE.NEWPID, before, inside: [...root, ...steps, script] }).stdout;
  };

  test("is made where the image lacks it", () => {
    expect(startIn(workdirSteps("/srv/work"))).toBe("755\n");
    expect(startIn(workdirSteps("/"))).toBe("755\n");
  });

  test("named as a descriptor leads to the host with chdir (CVE-2024-21626)", () => {
    const forgotten = { text: ["/proc/self/fd/", reg("forgotten")] };
    expect(startIn([chdirStep({ path: forgotten, why: "as the image says" })])).toContain("of the host\n");
  });

  test("named as a descriptor is refused, whichever", () => {
    for (let fd = 3; fd < 20; fd++) {
      expect(() => startIn(workdirSteps(`/proc/self/fd/${fd}`))).toThrow(/= (ELOOP|ENOENT)/);
    }
  });
});
