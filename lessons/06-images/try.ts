// Your container so far: its files have a name now, and come from an image. ROOTFS is an OCI image layout.

import { symlinkSync } from "node:fs";
import { awaitStep, cloneStep, execveStep, goStep } from "mini-docker/01-syscalls";
import { oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { bornIn, findMachine, planGroup, removeGroup } from "mini-docker/04-cgroups";
import { readImage, readIndex, unpackImage } from "mini-docker/06-images";
import { affordable, emptyFolders, type Functions, type TryPlan } from "mini-docker/course";

const KINDS = (["mount", "pid", "uts", "ipc", "user"] as const).map((type) => ({ type }));
const machine = findMachine();
const memory = 64 * 1024 ** 2;
const resources = affordable({ memory: { limit: memory, swap: memory }, pids: { limit: 30 } }, machine);

export default async (stages: Functions<"06-images">, layout: string, command: string[]): Promise<TryPlan> => {
  const { own, upper, work, at } = emptyFolders(`${layout}-${process.pid}`, "layers", "upper", "work", "at");
  // A store is a layout, and beside it each layer as a folder.
  symlinkSync(layout, `${own}/images`);
  const lower = await unpackImage(own, readImage(own, readIndex(own)[0]!), { check: stages.checkedLayer });

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
      ...stages.overlaySteps({ lower, upper, work, at, options: { userxattr: true } }),
      ...stages.hostnameSteps("guest"),
      ...stages.mountSteps([{ destination: "/proc", type: "proc", source: "proc" }]),
      ...stages.pivotSteps(),
      execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
    ],
    afterwards: () => removeGroup(group),
  };
};
