// Your container so far: a process that gets other answers.

import { awaitStep, cloneStep, execveStep, goStep, type Plan } from "mini-docker/01-syscalls";
import { oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import type { Functions } from "mini-docker/course";

const KINDS = ["mount", "pid", "uts", "ipc", "user"] as const;

export default (stages: Functions<"03-namespaces">, rootfs: string, command: string[]): Plan => ({
  before: [
    ...stages.closeInheritedSteps(),
    cloneStep({ flags: stages.cloneFlags(KINDS.map((type) => ({ type }))), why: "a new process, in new namespaces" }),
  ],
  beside: [...stages.userMapSteps(oneIdMap(ordinaryUser()), false), goStep("who is who is written down")],
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
