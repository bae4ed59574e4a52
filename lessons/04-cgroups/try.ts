// Your container so far: what it takes is limited. It is in a group of its own, with limits, from its first moment on.

import { awaitStep, cloneStep, execveStep, goStep } from "mini-docker/01-syscalls";
import { oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { bornIn, findMachine, planGroup, removeGroup } from "mini-docker/04-cgroups";
import type { Functions, TryPlan } from "mini-docker/course";

const KINDS = (["mount", "pid", "uts", "ipc", "user"] as const).map((type) => ({ type }));
const machine = findMachine();

/** What Mei grants: so many bytes, so many with swap (no more than without, so no swap), so many processes. */
const memory = Number(process.env.MEMORY_BYTES ?? 64 * 1024 ** 2);
const resources = { memory: { limit: memory, swap: memory }, pids: { limit: Number(process.env.PIDS_MAX ?? 30) } };

export default (stages: Functions<"04-cgroups">, rootfs: string, command: string[]): TryPlan => {
  const limits = stages.limitsFor(resources, machine);
  const { group, settings } = planGroup({ id: `try-${process.pid}`, machine, resources, limits });
  return {
    before: [
      ...stages.closeInheritedSteps(),
      ...stages.createSteps(machine, group),
      ...stages.limitSteps(group, settings),
      ...stages.openGroupSteps(group),
      cloneStep({ flags: stages.cloneFlags(KINDS), ...bornIn(group), why: "a new process, in new namespaces" }),
    ],
    beside: [...stages.userMapSteps(oneIdMap(ordinaryUser()), false), goStep("who is who is written down")],
    inside: [
      ...stages.enterGroupSteps(group),
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
    afterwards: () => removeGroup(group),
  };
};
