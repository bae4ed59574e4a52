// Your container so far: everybody sees the same files, and each keeps to itself what it writes.

import { writeFileSync } from "node:fs";
import { awaitStep, cloneStep, execveStep, goStep } from "mini-docker/01-syscalls";
import { oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { bornIn, findMachine, planGroup, removeGroup } from "mini-docker/04-cgroups";
import { makeWhiteout } from "mini-docker/05-overlay";
import { affordable, emptyFolders, type Functions, type TryPlan } from "mini-docker/course";

const KINDS = (["mount", "pid", "uts", "ipc", "user"] as const).map((type) => ({ type }));
const machine = findMachine();
const memory = 64 * 1024 ** 2;
const resources = affordable({ memory: { limit: memory, swap: memory }, pids: { limit: 30 } }, machine);

export default (stages: Functions<"05-overlay">, rootfs: string, command: string[]): TryPlan => {
  // Two layers lie on top of ROOTFS: the vendor's app, in which a key was left by mistake, and the fix that hides it.
  const { app, fix, upper, work, at } = emptyFolders(`${rootfs}-${process.pid}`, "app", "fix", "upper", "work", "at");
  writeFileSync(`${app}/debug.key`, "not for guests\n");
  makeWhiteout(`${fix}/debug.key`);

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
      awaitStep("the parent says who is who"),
      ...stages.becomeRootSteps(),
      ...stages.overlaySteps({ lower: [rootfs, app, fix], upper, work, at, options: { userxattr: true } }),
      ...stages.hostnameSteps("guest"),
      ...stages.mountSteps([{ destination: "/proc", type: "proc", source: "proc" }]),
      ...stages.pivotSteps(),
      execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
    ],
    afterwards: () => removeGroup(group),
  };
};
