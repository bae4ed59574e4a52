// Your container so far: a process with a `/` of its own.

import { CLONE, cloneStep, execveStep, type Plan } from "mini-docker/01-syscalls";
import type { Functions } from "mini-docker/course";

export default (stages: Functions<"02-rootfs">, rootfs: string, command: string[]): Plan => ({
  before: [
    ...stages.closeInheritedSteps(),
    // Borrowed from the next lesson: without a mount namespace of its own it would change everybody's mounts.
    cloneStep({ flags: CLONE.NEWNS, why: "a new process, with mounts of its own" }),
  ],
  beside: [],
  inside: [
    ...stages.privateRootSteps(),
    ...stages.rootfsFromDirectorySteps(rootfs),
    ...stages.attachRootfsSteps(rootfs),
    ...stages.pivotSteps(),
    execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
  ],
});
