// A root filesystem for tests: static busybox and a few empty directories, in a temporary folder of the host.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLONE, type Step } from "../../src/01-syscalls/index.ts";
import {
  attachRootfsSteps,
  pivotSteps,
  privateRootSteps,
  rootfsFromDirectorySteps,
} from "../../src/02-rootfs/index.ts";
import { type Ended, type PlanRun, runPlan, shell } from "../support/launch.ts";

const APPLETS = ["cat", "chmod", "grep", "head", "id", "ls", "mkdir", "mount", "readlink", "sh", "stat", "touch", "wc"];

export interface Image {
  /** The folder around it: a piece of the host. */
  host: string;
  /** What becomes the container's `/`. */
  root: string;
  /** The empty directory it is hung on. */
  place: string;
  remove(): void;
}

export function makeImage(): Image {
  const host = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
  const [root, place] = [join(host, "image"), join(host, "place")];
  for (const path of [root, place]) mkdirSync(path);
  for (const name of ["bin", "etc", "dev", "proc", "sys"]) mkdirSync(join(root, name));
  copyFileSync("/usr/bin/busybox", join(root, "bin/busybox"));
  for (const name of APPLETS) symlinkSync("busybox", join(root, "bin", name));
  return { host, root, place, remove: () => rmSync(host, { recursive: true }) };
}

/** The way to a new `/`, with `below` done when it is hung and not yet `/`. */
export function rootSteps({ root, place }: Image, below: Step[] = []): Step[] {
  return [
    ...privateRootSteps(),
    ...rootfsFromDirectorySteps(root),
    ...attachRootfsSteps(place),
    ...below,
    ...pivotSteps(),
  ];
}

/** Runs `script` in the image, in a mount and a pid namespace of its own. */
export function runIn(image: Image, below: Step[], script: string, more: Partial<PlanRun> = {}): Ended {
  return runPlan({
    flags: CLONE.NEWNS | CLONE.NEWPID,
    ...more,
    inside: [...(more.inside ?? []), ...rootSteps(image, below), shell(script)],
  });
}
