// A container's root filesystem, as a descriptor. While it runs that is /proc/PID/root, in which the container's own
// mounts are seen. When it doesn't, the kernel is asked for its root once more, in a mount namespace of a process that
// waits there as long as we look: the host sees nothing of it, and it is gone with that process, however we end.

import { statSync } from "node:fs";
import {
  awaitStep,
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  execveatStep,
  goStep,
  type Launched,
  launch,
  type Plan,
  programFd,
  reap,
  reg,
  SyscallError,
  UserError,
} from "../01-syscalls/index.ts";
import { elsewhereOf, type Mount, openRoot } from "../02-rootfs/index.ts";
import { isPrivileged } from "../03-namespaces/index.ts";
import { type Container, locked, readSpec } from "./container.ts";
import { lent } from "./copy/descriptors.ts";
import type { Roots } from "./folders.ts";
import { isAlive } from "./identity.ts";
import { ownersOf, usernsFor, withOwners } from "./owners.ts";
import type { PlanInput } from "./plan.ts";
import { rootOf, shiftsOwners } from "./prepare.ts";
import { findSettled, settle } from "./settle.ts";
import type { Spec } from "./spec/oci.ts";
import { stage } from "./stages.ts";
import { type VolumeMount, volumeMounts, volumeViews } from "./volumes/mounts.ts";

type Work<T> = (root: number, container: Container) => T;

/** Lends `work` a descriptor of the container's `/`. One that doesn't run is not started by anybody meanwhile. */
export async function inRoot<T>(roots: Roots, name: string, work: Work<T>): Promise<T> {
  const container = await findSettled(roots, name);
  if (isAlive(container.state.process)) return inRunning(container, work);
  return locked(roots, container.record.id, async (fresh) => {
    await settle(fresh);
    return isAlive(fresh.state.process) ? inRunning(fresh, work) : inStopped(fresh, work);
  });
}

function inRunning<T>(container: Container, work: Work<T>): T {
  return lent(openRoot(`/proc/${container.state.process!.pid}/root`), (root) => work(root, container));
}

function inStopped<T>(container: Container, work: Work<T>): T {
  const { record, folder } = container;
  const spec = readSpec(container);
  const root = rootOf(record, folder, spec);
  const about = `cannot look into container "${record.name}"`;
  const volumes = volumeMounts(container);
  return inTree({ about, root, spec, volumes }, (fd) => work(fd, container));
}

/** A root filesystem that nothing runs in. */
export interface Tree {
  /** Begins the message where it can't be put together. */
  about: string;
  root: PlanInput["root"];
  /** Of its namespaces, those of mounts and of users count; of its mounts, the binds. */
  spec: Pick<Spec, "linux" | "mounts" | "root">;
  /** Which of the mounts are of volumes. */
  volumes?: VolumeMount[];
}

/** Lends `work` a descriptor of the tree's `/`, and the process that holds it. Throws UserError. */
export function inTree<T>(tree: Tree, work: (root: number, pid: number) => T): T {
  const results: T[] = [];
  const beforeGo = ({ pid }: { pid: number }) => {
    // Where it failed instead, launch() will say so.
    if (hasNewRoot(pid)) results.push(lent(openRoot(`/proc/${pid}/root`), (root) => work(root, pid)));
  };
  const { launcherPid, pid } = launchLooking(tree, beforeGo);
  reap(launcherPid, true);
  // Ours too, if orphans come to us.
  reap(pid, true);
  return results[0]!;
}

function launchLooking(tree: Tree, beforeGo: (launched: Launched) => void): Launched {
  try {
    return withOwners(tree.spec, shiftsOwners(tree), (fds) =>
      launch(lookingPlan(tree), { fds: { ending: programFd("init"), ...fds }, beforeGo }),
    );
  } catch (cause) {
    if (!(cause instanceof SyscallError) || cause.step.stage === undefined) throw cause;
    throw new UserError(tree.about, { cause });
  }
}

function hasNewUsers({ linux }: Tree["spec"]): boolean {
  return (linux?.namespaces ?? []).some(({ type, path }) => type === "user" && !path);
}

/** The root and what is bound below it, but nothing that runs: its program is one that ends at once. */
function lookingPlan(tree: Tree): Plan {
  const { root, spec, volumes } = tree;
  const { uidMappings = [], gidMappings = [] } = spec.linux ?? {};
  const userns = hasNewUsers(spec);
  const privileged = isPrivileged();
  const hasViews = userns && privileged;
  const shown = "lower" in root && shiftsOwners(tree) ? root : undefined;
  const [rootfs, spaces, overlay] = [stage("02-rootfs"), stage("03-namespaces"), stage("05-overlay")];
  const otherView = volumeViews(volumes);
  const usernsOf = usernsFor(spec.linux ?? {});
  const directory = "lower" in root ? undefined : root.directory;
  const binds = (spec.mounts ?? []).filter((mount) => isOfTheHost(mount) || otherView(mount) !== undefined);
  return {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "nothing of ours is needed inside" }),
      ...(hasViews ? [...rootfs.leaveSteps(), ...rootfs.hookSteps(root.at)] : []),
      ...(hasViews ? rootfs.bindViewSteps(binds, { usernsOf, otherView }) : []),
      ...(hasViews && directory !== undefined ? rootfs.rootViewSteps(directory) : []),
      ...(shown ? overlay.ownedViewSteps(shown, ownersOf(spec)) : []),
      cloneStep({
        flags: spaces.cloneFlags([{ type: "mount" }, ...(userns ? [{ type: "user" as const }] : [])]),
        why: "a process to hold the mounts",
      }),
    ],
    beside: [
      ...(userns ? spaces.userMapSteps({ uidMappings, gidMappings }, privileged) : []),
      goStep("it may mount now"),
      goStep("we have looked enough"),
    ],
    inside: [
      awaitStep("the parent has its part to do first"),
      ...(hasViews ? rootfs.findHooksSteps(root.at) : []),
      ...(userns ? spaces.becomeRootSteps() : []),
      ...rootfs.privateRootSteps("private"),
      ...(shown ? overlay.ownedOverlaySteps(shown) : []),
      ...(!shown && "lower" in root ? overlay.overlaySteps(root) : []),
      ...(directory !== undefined && hasViews ? rootfs.lentRootSteps() : []),
      ...(directory !== undefined && !hasViews ? rootfs.rootfsFromDirectorySteps(directory) : []),
      ...(directory !== undefined && !hasViews ? rootfs.attachRootfsSteps(root.at) : []),
      ...rootfs.mountSteps(binds, { userns, hasViews, otherView, usernsOf }),
      ...(spec.root?.readonly ? rootfs.readonlyRootSteps() : []),
      ...rootfs.pivotSteps(),
      awaitStep("somebody looks at the root"),
      execveatStep({ fd: reg("ending"), argv: ["init", "--", "/"], env: [], why: "a program that ends at once" }),
    ],
  };
}

/** What is another process's may be somebody else's by now. */
function isOfTheHost({ type, source = "" }: Mount): boolean {
  return type === "bind" && elsewhereOf(source) === undefined;
}

/** It says nothing while it works, but that it has its own root can be seen in /proc. False if it ended instead. */
function hasNewRoot(pid: number): boolean {
  const ours = statSync("/");
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const theirs = statOrNothing(`/proc/${pid}/root/`);
    if (!theirs) return false;
    if (theirs.ino !== ours.ino || theirs.dev !== ours.dev) return true;
    Atomics.wait(pause, 0, 0, 1);
  }
}

function statOrNothing(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
