// Your container so far: everybody sees the same files, and each keeps to itself what it writes.

import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { awaitStep, cloneStep, execveStep, goStep, type Plan } from "mini-docker/01-syscalls";
import { type NamespaceType, oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { baseWith, bornIn, findMachine, planGroup, removeGroup } from "mini-docker/04-cgroups";
import { makeWhiteout } from "mini-docker/05-overlay";
import type { Functions } from "mini-docker/course";

const KINDS: NamespaceType[] = ["mount", "pid", "uts", "ipc", "user"];
const outside = ordinaryUser();
const machine = findMachine();

/** As in lesson 04; and without limits for a user who was given no part of the tree of groups. */
const mayLimit = baseWith(machine, "memory", "memory") && baseWith(machine, "pids", "pids");
const resources = mayLimit ? { memory: { limit: 64 * 1024 ** 2, swap: 64 * 1024 ** 2 }, pids: { limit: 30 } } : {};

/** An empty folder of this container's; all of them lie beside ROOTFS, and stay when it has ended. */
function folder(path: string): string {
  mkdirSync(path);
  chownSync(path, outside.uid, outside.gid);
  return path;
}

export default (stages: Functions<"05-overlay">, rootfs: string, command: string[]) => {
  const limits = stages.limitsFor(resources, machine);
  const { group, settings } = planGroup({ id: `try-${process.pid}`, machine, resources, limits });

  const own = folder(`${rootfs}-${process.pid}`);
  const [app, fix] = [folder(`${own}/app`), folder(`${own}/fix`)];
  // Two layers lie on top of ROOTFS: the vendor's app, in which a key was left by mistake, and the fix that hides it.
  writeFileSync(`${app}/debug.key`, "not for guests\n");
  makeWhiteout(`${fix}/debug.key`);
  const layers = { lower: [rootfs, app, fix], upper: folder(`${own}/upper`), work: folder(`${own}/work`) };

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
      ...stages.overlaySteps({ ...layers, at: folder(`${own}/rootfs`), options: { userxattr: true } }),
      ...stages.hostnameSteps("guest"),
      ...stages.mountSteps([{ destination: "/proc", type: "proc", source: "proc" }]),
      ...stages.pivotSteps(),
      execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
    ],
  };
  return { ...plan, afterwards: () => removeGroup(group) };
};
