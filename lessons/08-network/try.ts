// Your container so far: a network of its own, and a cable that leads out of it.

import { awaitStep, cloneStep, execveStep, goStep } from "mini-docker/01-syscalls";
import { oneIdMap, ordinaryUser } from "mini-docker/03-namespaces";
import { DEFAULT_READONLY_PATHS } from "mini-docker/07-security";
import { type Cable, macOf, parseAddress } from "mini-docker/08-network";
import { edgeGateway, emptyFolders, type Functions, limitedGroup, sevenPowers, type TryPlan } from "mini-docker/course";

const KINDS = (["mount", "pid", "ipc", "user", "network"] as const).map((type) => ({ type }));
const address = parseAddress("10.8.0.2")!;

export default async (stages: Functions<"08-network">, rootfs: string, command: string[]): Promise<TryPlan> => {
  const own = emptyFolders(`${rootfs}-${process.pid}`, "upper", "work", "at");
  // What lessons 04 and 07 have left it.
  const [group, powers] = [limitedGroup(stages), await sevenPowers(own.own)];
  // Mei's gateway has a switch: one end of the cable goes there, the other into the container, as `eth0`.
  const link = `cable${process.pid}`;
  const { bridge, address: gateway } = edgeGateway(link);
  const cables: Cable[] = [{ link, bridge, name: "eth0", mac: macOf(address), address, prefix: 24, gateway }];
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
      ...stages.readonlyPathSteps(DEFAULT_READONLY_PATHS),
      ...stages.readonlyRootSteps(),
      ...stages.pivotSteps(),
      ...stages.confineSteps(powers),
      execveStep({ path: command[0]!, argv: command, env: ["PATH=/usr/bin:/bin"], why: "become the command" }),
    ],
    afterwards: group.end,
  };
};
