// Your container so far: a process that gets other answers. Its root is you out here; or, if you are root, somebody else.

import { awaitStep, cloneStep, execveStep, goStep, type Plan } from "mini-docker/01-syscalls";
import { oneIdMap } from "mini-docker/03-namespaces";
import type { Functions } from "mini-docker/course";

const KINDS = ["mount", "pid", "uts", "ipc", "user"] as const;
const outside = { uid: process.getuid!() || 1000, gid: process.getgid!() || 1000 };

export default (stages: Functions<"03-namespaces">, rootfs: string, command: string[]): Plan => ({
  before: [
    ...stages.closeInheritedSteps(),
    cloneStep({ flags: stages.cloneFlags(KINDS.map((type) => ({ type }))), why: "a new process, in new namespaces" }),
  ],
  beside: [...stages.userMapSteps(oneIdMap(outside), false), goStep("who is who is written down")],
  inside: [
    ...stages.privateRootSteps(),
    ...stages.rootfsFromDirectorySteps(rootfs),
    ...stages.attachRootfsSteps(rootfs),
    awaitStep("the parent says who is who"),
    ...stages.becomeRootSteps(),
    ...stages.hostnameSteps("guest"),
    ...stages.mountSteps([{ destination: "/proc", type: "proc", source: "proc" }]),
    ...stages.pivotSteps(),
    execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
  ],
});
