// Your container so far: its files have a name now, and come from an image. ROOTFS is an OCI image layout.

import { chmodSync, chownSync, mkdirSync, symlinkSync } from "node:fs";
import { awaitStep, cloneStep, execveStep, goStep, type Plan } from "mini-docker/01-syscalls";
import { type NamespaceType, oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { baseWith, bornIn, findMachine, planGroup, removeGroup } from "mini-docker/04-cgroups";
import { readImage, readIndex, unpackImage } from "mini-docker/06-images";
import type { Functions } from "mini-docker/course";

const KINDS: NamespaceType[] = ["mount", "pid", "uts", "ipc", "user"];
const outside = ordinaryUser();
const machine = findMachine();

/** As in lesson 04; and without limits for a user who was given no part of the tree of groups. */
const mayLimit = baseWith(machine, "memory", "memory") && baseWith(machine, "pids", "pids");
const resources = mayLimit ? { memory: { limit: 64 * 1024 ** 2, swap: 64 * 1024 ** 2 }, pids: { limit: 30 } } : {};

/** An empty folder of this container's; all of them lie beside the layout, and stay when it has ended. */
function folder(path: string): string {
  mkdirSync(path);
  chownSync(path, outside.uid, outside.gid);
  return path;
}

export default async (stages: Functions<"06-images">, layout: string, command: string[]) => {
  const own = folder(`${layout}-${process.pid}`);
  // A store is a layout, and beside it each layer as a folder.
  symlinkSync(layout, `${own}/images`);
  const image = readImage(own, readIndex(own)[0]!);
  const lower = await unpackImage(own, image, { check: stages.checkedLayer });
  // A store is closed to ordinary users, and the container's root is one of them.
  chmodSync(`${own}/layers`, 0o755);

  const limits = stages.limitsFor(resources, machine);
  const { group, settings } = planGroup({ id: `try-${process.pid}`, machine, resources, limits });
  const plan: Plan = {
    before: [
      ...stages.closeInheritedSteps(),
      ...stages.createSteps(machine, group),
      ...stages.limitSteps(group, settings),
      ...stages.openGroupSteps(group),
      cloneStep({
        flags: stages.cloneFlags(KINDS.map((type) => ({ type }))),
        ...bornIn(group),
        why: "a new process, in new namespaces",
      }),
    ],
    beside: [...stages.userMapSteps(oneIdMap(outside), false), goStep("who is who is written down")],
    inside: [
      ...stages.enterGroupSteps(group),
      ...stages.privateRootSteps(),
      awaitStep("the parent says who is who"),
      ...stages.becomeRootSteps(),
      ...stages.overlaySteps({
        lower,
        upper: folder(`${own}/upper`),
        work: folder(`${own}/work`),
        at: folder(`${own}/rootfs`),
        options: { userxattr: true },
      }),
      ...stages.hostnameSteps("guest"),
      ...stages.mountSteps([{ destination: "/proc", type: "proc", source: "proc" }]),
      ...stages.pivotSteps(),
      execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
    ],
  };
  return { ...plan, afterwards: () => removeGroup(group) };
};
