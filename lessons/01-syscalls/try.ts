// Your container so far: three calls. A process is made, and becomes the command. It has the host's `/`, and all the rest.

import { CLONE, cloneStep, execveStep, type Plan } from "mini-docker/01-syscalls";
import type { Functions } from "mini-docker/course";

export default (stages: Functions<"01-syscalls">, _rootfs: string, command: string[]): Plan => ({
  before: [
    ...stages.closeInheritedSteps(),
    cloneStep({ flags: CLONE.NEWNS, why: "a new process, with a list of mounts of its own" }),
  ],
  beside: [],
  inside: [execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" })],
});
