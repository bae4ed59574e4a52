import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Step } from "../../src/01-syscalls/index.ts";
import {
  asideSteps,
  attachRootfsSteps,
  breakOutSteps,
  maskedPathSteps,
  mountSteps,
  nowhereRootSteps,
  privateRootSteps,
  readonlyRootSteps,
  rootfsFromDirectorySteps,
} from "../../src/02-rootfs/index.ts";
import { runPlan, shell } from "../support/launch.ts";
import { needs } from "../support/needs.ts";
import { type Image, makeImage } from "./image.ts";

const MOUNTS = [
  { destination: "/proc", type: "proc", source: "proc" },
  { destination: "/tmp", type: "tmpfs" },
];

let image: Image;
const onHost = () => readFileSync("/proc/self/mountinfo", "utf8");

beforeAll(() => {
  image = makeImage();
  writeFileSync(join(image.host, "secret"), "of the host\n");
});
afterAll(() => image.remove());

/** In the mount namespace of this very process. */
function runIn(below: Step[], script: string, more: Step[] = []) {
  const inside = [
    ...asideSteps(),
    ...privateRootSteps(),
    ...rootfsFromDirectorySteps(image.root),
    ...attachRootfsSteps(image.place),
    ...below,
    ...nowhereRootSteps(),
    ...more,
    shell(script),
  ];
  return runPlan({ inside });
}

describe("a root that hangs nowhere", needs("program:busybox"), () => {
  test("is in the mount namespace of others, whose list has nothing of it, while it is there and later", () => {
    const before = onHost();
    const script = "readlink /proc/self/ns/mnt; touch /tmp/x && ls /tmp; wc -l < /proc/self/mountinfo";
    const { stdout } = runIn(mountSteps(MOUNTS), script);
    expect(stdout).toBe(`${readlinkSync("/proc/self/ns/mnt")}\nx\n0\n`);
    expect(onHost()).toBe(before);
  });

  test("keeps masks and what is read-only", () => {
    writeFileSync(join(image.root, "sys/x"), "");
    const below = [...mountSteps(MOUNTS), ...maskedPathSteps(["/sys"]), ...readonlyRootSteps()];
    const { stdout } = runIn(below, "ls /sys; touch /etc/x || echo kept; touch /tmp/x && echo open");
    expect(stdout).toBe("kept\nopen\n");
  });

  test("takes no further mount", () => {
    const { stdout } = runIn(mountSteps(MOUNTS), "mount -t tmpfs more /etc || echo no");
    expect(stdout).toBe("no\n");
  });

  test("isn't left by the four calls that lead out of a chroot", () => {
    const script = `cat ${join(image.host, "secret")}; test -e /usr/bin/env || echo inside`;
    const { stdout, stderr } = runIn(mountSteps(MOUNTS), script, breakOutSteps());
    expect(stdout).toBe("inside\n");
    expect(stderr).toContain("No such file or directory");
  });
});
