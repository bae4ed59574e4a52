// A container, from beginning to end: every stage's steps in the order the kernel gets them. This is what `--explain`
// prints, and there is nothing else; read the two side by side.
//
//   before   in the launcher, on the host            ┐
//   beside   in this process, while the child waits  ┤ clone3 is where the list splits
//   inside   in the child, which becomes the program ┘

import {
  announcedAwaitSteps,
  awaitStep,
  cloneStep,
  goStep,
  type Plan,
  type Register,
  step,
} from "../01-syscalls/index.ts";
import { type IdMapping, joinedMounts, type NamespaceType } from "../03-namespaces/index.ts";
import { bornIn, type GroupPlan, type Machine } from "../04-cgroups/index.ts";
import { inMemory, type Overlay } from "../05-overlay/index.ts";
import { type Landlock, LISTENER_LINE } from "../07-security/index.ts";
import type { Cable } from "../08-network/index.ts";
import { closeOthersSteps, keptAs } from "./keep-open.ts";
import { ownersOf, usernsFor } from "./owners.ts";
import type { Linux, Spec } from "./spec/oci.ts";
import { stage } from "./stages.ts";
import { START } from "./start-fifo.ts";
import type { Stdio } from "./streams/stdio.ts";
import { type VolumeMount, volumeViews } from "./volumes/mounts.ts";

/** Everything that was decided before; a plan decides nothing but the order. */
export interface PlanInput {
  /** config.json, with capabilities and limits reduced to what this machine can grant. */
  spec: Spec;
  /** The root filesystem: layers to be stacked, or a directory that holds it whole. `at` is the bundle's empty rootfs. */
  root: Overlay | { directory: string; at: string };
  machine: Machine;
  cgroup: GroupPlan;
  stdio: Stdio;
  /** Into its network; without any it is alone there. */
  cables?: readonly Cable[] | undefined;
  /** Its network waits for a program of the user's to stand in for a cable. */
  hasTunnel?: boolean;
  /** Its cables are laid by somebody else, meanwhile. */
  isLaidByOthers?: boolean;
  /** The compiled seccomp filter. */
  filter?: Uint8Array;
  /** Where who is to be asked about its calls listens. */
  agent?: string;
  landlock?: Landlock;
  /** The launcher's bounding set: what the container's may be less than. */
  held: readonly string[];
  /** We are the host's root: any user map may be written, and groups be given up. */
  privileged: boolean;
  /** The network we are in belongs to a user namespace that we aren't in. */
  isNetworkOthers?: boolean;
  /** Its root is somebody else on the host: files are shown with other owners. */
  shiftsOwners: boolean;
  /** Its root is the very user who starts it, and can't change what he lends it: see holder.ts. */
  isSealed?: boolean;
  /** It ends when this process does, which waits for it: a step of a build. */
  isOurChild?: boolean;
  /** When all is mounted and the root is still the host's, others have something to do: run hooks, copy files. */
  hasHooks?: boolean;
  /** Nothing runs until somebody says so, who need not be who made it: see `waitForStartSteps`. */
  waitsForStart?: boolean;
  /** Descriptors of the caller's for the program, from 3 on, by the registers that hold them. */
  handedOver?: Register[];
  /** Where the root can't be exchanged: on a ramdisk. */
  noPivot?: boolean;
  /** It goes on using the session keyring of who starts it. */
  keepsKeyring?: boolean;
  /** Whether the source of a bind is a file, where it isn't there yet; unless said, the host is asked. */
  isFile?: (source: string) => boolean;
  /** The mounts that are of volumes. */
  volumes?: VolumeMount[];
}

export function containerPlan(input: PlanInput): Plan {
  const { spec, root, stdio, privileged, cgroup, cables = [] } = input;
  const { group } = cgroup;
  const { mounts = [], hostname, domainname } = spec;
  const process = spec.process!;
  const linux = spec.linux ?? {};
  const list = linux.namespaces ?? [];
  const isNew = (type: NamespaceType) => list.some((each) => each.type === type && !each.path);
  const allBut = (type: NamespaceType) => list.filter((each) => each.type !== type);
  const userns = isNew("user");
  const hasNetwork = list.some(({ type }) => type === "network");
  const joinsUsers = !userns && list.some(({ type }) => type === "user");
  const hasMounts = isNew("mount");
  const lends = lendsViews(input);
  const sealed = input.isSealed ?? false;
  const hasViews = lends || sealed;
  const otherView = volumeViews(input.volumes);
  const usernsOf = usernsFor(linux);
  const shown = "lower" in root && (input.shiftsOwners || sealed) ? root : undefined;
  const memory = !shown && "lower" in root && root.memoryBytes !== undefined ? root : undefined;
  const directory = "lower" in root ? undefined : root.directory;
  const dev = mounts.find(({ destination }) => destination === "/dev");
  const syscalls = stage("01-syscalls");
  const [rootfs, namespaces, cgroups] = [stage("02-rootfs"), stage("03-namespaces"), stage("04-cgroups")];
  const [overlay, security, network] = [stage("05-overlay"), stage("07-security"), stage("08-network")];
  const containers = stage("10-containers");

  return {
    before: [
      ...syscalls.closeInheritedSteps(),
      ...containers.stdioBeforeSteps(stdio),
      ...(input.agent === undefined ? [] : security.callAgentSteps(input.agent)),
      ...network.nameLineSteps(cables),
      ...cgroups.createSteps(input.machine, group, cgroup.isOurs),
      ...cgroups.limitSteps(group, cgroup.settings),
      ...cgroups.deviceRuleSteps(group, cgroup.deviceRules),
      ...cgroups.delegateSteps({ machine: input.machine, group, owner: rootOutside(input) }),
      ...cgroups.openGroupSteps(group),
      ...(lends ? [...rootfs.leaveSteps(), ...rootfs.hookSteps(root.at)] : []),
      ...(lends ? rootfs.bindViewSteps(mounts, { usernsOf, isFile: input.isFile, otherView }) : []),
      ...(lends && directory !== undefined ? rootfs.rootViewSteps(directory) : []),
      ...(sealed ? containers.joinHolderSteps() : []),
      ...(shown && lends ? overlay.ownedViewSteps(shown, ownersOf(spec)) : []),
      ...namespaces.joinBeforeSteps(list, privileged),
      ...(isNew("time") && !userns ? namespaces.timeSteps(linux.timeOffsets) : []),
      cloneStep({ flags: namespaces.cloneFlags(list), ...bornIn(group), why: "a new process, in new namespaces" }),
    ],

    beside: [
      ...(userns && !sealed ? namespaces.userMapSteps(userMap(linux), privileged) : []),
      ...(input.isLaidByOthers ? [] : network.cableSteps(cables)),
      ...(input.hasTunnel || input.isLaidByOthers ? [goStep("there is a way out of its network")] : []),
      goStep("the child's surroundings are ready"),
      ...(input.hasHooks ? [goStep("the hooks have run")] : []),
      goStep("all is written down: let the program run"),
    ],

    inside: [
      ...cgroups.enterGroupSteps(group),
      ...(input.hasTunnel || input.isLaidByOthers ? announcedAwaitSteps("a program stands in for the cable") : []),
      awaitStep("the parent has its part to do first"),
      ...(sealed ? namespaces.ownMapSteps(userMap(linux)) : []),
      step("umask", [0o022], { why: "what is made here is everybody's to read, and only root's to write" }),
      ...security.oomScoreSteps(process.oomScoreAdj),
      ...(isNew("time") && userns ? namespaces.timeInsideSteps(linux.timeOffsets) : []),
      ...(hasViews ? rootfs.findHooksSteps(root.at) : []),
      ...(userns || joinsUsers ? namespaces.becomeRootSteps() : []),
      ...namespaces.joinInsideSteps(allBut("mount"), privileged),
      ...(isNew("cgroup") ? namespaces.cgroupNamespaceSteps() : []),
      ...(list.some(({ type }) => type === "uts") ? namespaces.hostnameSteps(hostname, domainname) : []),
      ...(isNew("network") ? namespaces.loopbackSteps() : []),
      ...network.familySteps(cables),
      ...network.addressSteps(cables),
      ...network.address6Steps(cables),
      ...network.nameSteps(cables),

      ...(hasMounts ? [] : rootfs.asideSteps(joinedMounts(list))),
      ...(hasViews ? [] : rootfs.sharedSourceSteps(mounts)),
      ...rootfs.privateRootSteps(linux.rootfsPropagation),
      ...(shown ? overlay.ownedOverlaySteps(shown) : []),
      ...(memory ? overlay.memorySteps(memory, memory.at) : []),
      ...(!shown && "lower" in root ? overlay.overlaySteps(memory ? inMemory(memory) : root) : []),
      ...(directory !== undefined && lends ? rootfs.lentRootSteps() : []),
      ...(directory !== undefined && !lends ? rootfs.rootfsFromDirectorySteps(directory) : []),
      ...(directory !== undefined && !lends ? rootfs.attachRootfsSteps(root.at) : []),
      ...rootfs.mountSteps(mounts, {
        userns,
        hasViews,
        otherView,
        usernsOf,
        isFilled: input.hasHooks ?? false,
        sharesNetwork: userns ? !isNew("network") : (input.isNetworkOthers ?? false) && !hasNetwork,
        cgroupSteps: (mount) => cgroups.cgroupMountSteps(mount, group, isNew("cgroup")),
        ...(input.isFile && { isFile: input.isFile }),
      }),
      ...rootfs.deviceSteps(linux.devices, {
        userns: userns || joinsUsers || !input.machine.isHostRoot,
        overImage: !dev,
        isBound: dev?.type === "bind",
      }),
      ...(stdio.tty ? containers.terminalSteps(stdio.size) : []),
      ...(input.hasHooks ? announcedAwaitSteps("hooks look at what is there so far") : []),
      ...security.sysctlSteps(linux.sysctl),
      ...rootfs.maskedPathSteps(linux.maskedPaths ?? []),
      ...rootfs.readonlyPathSteps(linux.readonlyPaths ?? []),
      ...(spec.root?.readonly ? [...rootfs.makeWorkdirSteps(process.cwd), ...rootfs.readonlyRootSteps()] : []),
      ...(hasMounts && input.noPivot ? rootfs.moveRootSteps() : []),
      ...(hasMounts && !input.noPivot ? rootfs.pivotSteps() : []),
      ...(hasMounts ? [] : rootfs.nowhereRootSteps(joinedMounts(list))),
      ...rootfs.rootPropagationSteps(linux.rootfsPropagation),

      ...containers.stdioInsideSteps(stdio, process.user),
      ...closeOthersSteps(keptOpen(input)),
      ...rootfs.workdirSteps(process.cwd),
      ...security.rlimitSteps(process.rlimits),
      ...containers.schedulingSteps(process),
      ...(linux.personality ? containers.personalitySteps(linux.personality) : []),
      ...(input.waitsForStart
        ? announcedAwaitSteps("the state is on disk")
        : [awaitStep("the monitor listens, and the state is on disk")]),
      ...(input.keepsKeyring ? [] : security.keyringSteps()),
      ...security.confineSteps(confinement(input)),
      ...(input.isOurChild ? containers.endWithParentSteps() : []),
      ...(input.waitsForStart ? containers.waitForStartSteps() : []),
      ...containers.handOverSteps(input.handedOver),
      ...containers.commandSteps(process),
    ],
  };
}

/** The host's root makes the views that another root is to have, in a mount namespace that the launcher comes back from. */
export function lendsViews({ spec, privileged }: Pick<PlanInput, "spec" | "privileged">): boolean {
  const namespaces = spec.linux?.namespaces ?? [];
  return privileged && namespaces.some(({ type, path }) => type === "user" && !path);
}

/** Who root of the container is on the host; undefined where that is who we are, or we can't give anything away. */
function rootOutside({ spec, privileged }: Pick<PlanInput, "spec" | "privileged">) {
  const idOf = (ids: readonly IdMapping[] = []) => ids.find(({ containerID }) => containerID === 0)?.hostID ?? 0;
  const owner = { uid: idOf(spec.linux?.uidMappings), gid: idOf(spec.linux?.gidMappings) };
  return privileged && owner.uid !== 0 ? owner : undefined;
}

function keptOpen({ waitsForStart, handedOver = [], agent }: PlanInput): Register[] {
  return [...(waitsForStart ? [START] : []), ...handedOver, ...(agent === undefined ? [] : [LISTENER_LINE])];
}

function userMap({ uidMappings = [], gidMappings = [] }: Linux) {
  return { uidMappings, gidMappings };
}

/** Who the process is and what it may do, for this container's first process and every later one. */
export function confinement({
  spec,
  filter,
  agent,
  landlock,
  held,
  privileged,
}: Pick<PlanInput, "spec" | "filter" | "agent" | "landlock" | "held" | "privileged">) {
  const { user, capabilities, noNewPrivileges } = spec.process!;
  return {
    user,
    held,
    canSetGroups: privileged,
    ...(capabilities && { capabilities }),
    ...(noNewPrivileges && { noNewPrivileges }),
    ...(landlock && { landlock }),
    ...(filter && {
      seccomp: {
        filter,
        ...(spec.linux?.seccomp?.flags && { flags: spec.linux.seccomp.flags }),
        ...(agent !== undefined && { line: keptAs(LISTENER_LINE) }),
      },
    }),
  };
}
