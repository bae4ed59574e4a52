// Your container so far, and a volume: guest has had it before, and has left there what it liked.

import { symlinkSync, writeFileSync } from "node:fs";
import { awaitStep, cloneStep, execveStep, goStep } from "mini-docker/01-syscalls";
import type { Mount } from "mini-docker/02-rootfs";
import { oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { bornIn, findMachine, planGroup, removeGroup } from "mini-docker/04-cgroups";
import { affordable, emptyFolders, type Functions, type TryPlan } from "mini-docker/course";

const KINDS = (["mount", "pid", "ipc", "user"] as const).map((type) => ({ type }));
const machine = findMachine();
const resources = affordable({ memory: { limit: 2 ** 26, swap: 2 ** 26 }, pids: { limit: 30 } }, machine);

export default (stages: Functions<"09-volumes">, rootfs: string, command: string[]): TryPlan => {
  const own = emptyFolders(`${rootfs}-${process.pid}`, "volume", "volume/monday", "upper", "work", "at");
  // The readings of a day, a link to the newest day, and a link that only looks as if it belonged there.
  writeFileSync(`${own["volume/monday"]}/readings`, "21.5\n21.7\n22.0\n");
  symlinkSync("monday", `${own.volume}/newest`);
  symlinkSync("/", `${own.volume}/export`);
  const view = (subpath: string, as: string) => stages.volumeViewSteps({ folder: own.volume, subpath, as });
  const otherView = ({ destination: at }: Mount) => ({ isFile: false, steps: (as: string) => view(at.slice(1), as) });

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
      ...stages.overlaySteps({ lower: [rootfs], ...own, options: { userxattr: true } }),
      ...stages.mountSteps([{ destination: "/proc", type: "proc", source: "proc" }]),
      // Mei asks for two folders of the volume.
      ...stages.mountSteps([{ destination: "/newest" }, { destination: "/export" }], { otherView }),
      ...stages.pivotSteps(),
      execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
    ],
    afterwards: () => removeGroup(group),
  };
};
