// Your container so far, and a volume: guest has had it before, and has left there what it liked.

import { symlinkSync, writeFileSync } from "node:fs";
import { awaitStep, cloneStep, execveStep, goStep } from "mini-docker/01-syscalls";
import type { Mount } from "mini-docker/02-rootfs";
import { oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { DEFAULT_READONLY_PATHS } from "mini-docker/07-security";
import { edgeCable, emptyFolders, type Functions, limitedGroup, sevenPowers, type TryPlan } from "mini-docker/course";

const KINDS = (["mount", "pid", "ipc", "user", "network"] as const).map((type) => ({ type }));

export default async (stages: Functions<"09-volumes">, rootfs: string, command: string[]): Promise<TryPlan> => {
  const own = emptyFolders(`${rootfs}-${process.pid}`, "volume", "volume/monday", "upper", "work", "at");
  // The readings of a day, a link to the newest day, and a link that only looks as if it belonged there.
  writeFileSync(`${own["volume/monday"]}/readings`, "21.5\n21.7\n22.0\n");
  symlinkSync("monday", `${own.volume}/newest`);
  symlinkSync("/", `${own.volume}/export`);
  const view = (subpath: string, as: string) => stages.volumeViewSteps({ folder: own.volume, subpath, as });
  const otherView = ({ destination: at }: Mount) => ({ isFile: false, steps: (as: string) => view(at.slice(1), as) });

  // What lessons 04, 07 and 08 have left it.
  const [group, powers, cables] = [limitedGroup(stages), await sevenPowers(own.own), [edgeCable("10.8.0.3")]];
  return {
    before: [
      ...stages.closeInheritedSteps(),
      ...group.before,
      cloneStep({ flags: stages.cloneFlags(KINDS), ...group.clone, why: "a new process, in new namespaces" }),
    ],
    beside: [...stages.userMapSteps(oneIdMap(ordinaryUser()), false), ...stages.cableSteps(cables), goStep("go on")],
    inside: [
      ...group.inside,
      ...stages.privateRootSteps(),
      awaitStep("the parent says who is who"),
      ...stages.becomeRootSteps(),
      ...stages.loopbackSteps(),
      ...stages.addressSteps(cables),
      ...stages.overlaySteps({ lower: [rootfs], ...own, options: { userxattr: true } }),
      ...stages.mountSteps([{ destination: "/proc", type: "proc", source: "proc" }]),
      // Mei asks for two folders of the volume.
      ...stages.mountSteps([{ destination: "/newest" }, { destination: "/export" }], { otherView }),
      ...stages.readonlyPathSteps(DEFAULT_READONLY_PATHS),
      ...stages.readonlyRootSteps(),
      ...stages.pivotSteps(),
      ...stages.confineSteps(powers),
      execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
    ],
    afterwards: group.end,
  };
};
