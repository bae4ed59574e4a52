// A container's root filesystem, as a descriptor. While it runs that is /proc/PID/root, in which the container's own
// mounts are seen. When it doesn't, the kernel is asked for its root once more, in a mount namespace of a process that
// waits there as long as we look: the host sees nothing of it, and it is gone with that process, however we end.

import { closeSync, statSync } from "node:fs";
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
import { openRoot } from "../02-rootfs/index.ts";
import type { Namespace } from "../03-namespaces/index.ts";
import { type Container, locked, readSpec } from "./container.ts";
import type { Roots } from "./folders.ts";
import { isAlive } from "./identity.ts";
import { withOwners } from "./owners.ts";
import { USERNS } from "./plan.ts";
import { rootOf, shiftsOwners } from "./prepare.ts";
import { findSettled, settle } from "./settle.ts";
import type { Spec } from "./spec/oci.ts";
import { stage } from "./stages.ts";

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
  return lend(container.state.process!.pid, container, work);
}

function lend<T>(pid: number, container: Container, work: Work<T>): T {
  const root = openRoot(`/proc/${pid}/root`);
  try {
    return work(root, container);
  } finally {
    closeSync(root);
  }
}

function inStopped<T>(container: Container, work: Work<T>): T {
  const results: T[] = [];
  const beforeGo = ({ pid }: { pid: number }) => {
    // Where it failed instead, launch() will say so.
    if (hasNewRoot(pid)) results.push(lend(pid, container, work));
  };
  const { launcherPid } = launchLooking(container, beforeGo);
  reap(launcherPid, true);
  return results[0]!;
}

function launchLooking(container: Container, beforeGo: (launched: Launched) => void): Launched {
  try {
    const spec = readSpec(container);
    return withOwners(spec, shiftsOwners(container.record, spec), (fds) =>
      launch(lookingPlan(container, spec), { fds: { ending: programFd("init"), ...fds }, beforeGo }),
    );
  } catch (cause) {
    if (!(cause instanceof SyscallError) || cause.step.stage === undefined) throw cause;
    throw new UserError(`cannot look into container "${container.record.name}"`, { cause });
  }
}

/** The container's root and what is bound below it, but nothing that runs: its program is one that ends at once. */
function lookingPlan({ record, folder }: Container, spec: Spec): Plan {
  const { namespaces = [], uidMappings = [], gidMappings = [] } = spec.linux ?? {};
  const kinds = namespaces.filter(({ type, path }) => (type === "mount" || type === "user") && !path);
  const userns = kinds.some(({ type }) => type === "user");
  const privileged = process.getuid?.() === 0;
  const hasViews = userns && privileged;
  const root = rootOf(record, folder, userns);
  const shown = "lower" in root && shiftsOwners(record, spec) ? root : undefined;
  const [rootfs, spaces, overlay] = [stage("02-rootfs"), stage("03-namespaces"), stage("05-overlay")];
  const binds = (spec.mounts ?? []).filter(({ type }) => type === "bind");
  return {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "nothing of ours is needed inside" }),
      ...(hasViews ? rootfs.bindViewSteps(binds, reg(USERNS)) : []),
      ...(shown ? overlay.ownedViewSteps(shown, reg(USERNS)) : []),
      cloneStep({ flags: spaces.cloneFlags(kinds as Namespace[]), why: "a process to hold the mounts" }),
    ],
    beside: [
      ...(userns ? spaces.userMapSteps({ uidMappings, gidMappings }, privileged) : []),
      goStep("it may mount now"),
      goStep("we have looked enough"),
    ],
    inside: [
      awaitStep("the parent has its part to do first"),
      ...(shown ? overlay.placeSteps(shown) : []),
      ...(userns ? spaces.becomeRootSteps() : []),
      ...rootfs.privateRootSteps("private"),
      ...(shown ? overlay.ownedOverlaySteps(shown) : []),
      ...(!shown && "lower" in root ? overlay.overlaySteps(root) : []),
      ...("lower" in root ? [] : rootfs.rootfsFromDirectorySteps(root.directory)),
      ...("lower" in root ? [] : rootfs.attachRootfsSteps(root.at)),
      ...rootfs.mountSteps(binds, { userns, hasViews }),
      ...(spec.root?.readonly ? rootfs.readonlyRootSteps() : []),
      ...rootfs.pivotSteps(),
      awaitStep("somebody looks at the root"),
      execveatStep({ fd: reg("ending"), argv: ["init", "--", "/"], env: [], why: "a program that ends at once" }),
    ],
  };
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
