// Your container so far: its `/` is read-only, and its root has seven powers left to say otherwise.

import { awaitStep, cloneStep, execveStep, goStep } from "mini-docker/01-syscalls";
import { oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { bornIn, findMachine, planGroup, removeGroup } from "mini-docker/04-cgroups";
import { cachedFilter, DEFAULT_READONLY_PATHS, defaultProfile, setsFor } from "mini-docker/07-security";
import { affordable, emptyFolders, type Functions, type TryPlan } from "mini-docker/course";

const KINDS = (["mount", "pid", "ipc", "user"] as const).map((type) => ({ type }));
/** What Mei leaves guest, and no more. */
const SEVEN = process.env.CAPABILITIES ?? "CHOWN DAC_OVERRIDE FOWNER KILL SETFCAP SETGID SETUID";
const ROOT = { user: { uid: 0, gid: 0 }, canSetGroups: false };
const machine = findMachine();
const resources = affordable({ memory: { limit: 2 ** 26, swap: 2 ** 26 }, pids: { limit: 30 } }, machine);

export default async (stages: Functions<"07-security">, rootfs: string, command: string[]): Promise<TryPlan> => {
  const own = emptyFolders(`${rootfs}-${process.pid}`, "upper", "work", "at");
  const kept = SEVEN.split(" ").map((name) => `CAP_${name}`);
  const filter = await cachedFilter(own.own, defaultProfile({ capabilities: kept }));

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
      ...stages.readonlyPathSteps(DEFAULT_READONLY_PATHS),
      ...stages.readonlyRootSteps(),
      ...stages.pivotSteps(),
      ...stages.confineSteps({ ...ROOT, capabilities: setsFor(kept, 0), seccomp: { filter } }),
      execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
    ],
    afterwards: () => removeGroup(group),
  };
};
